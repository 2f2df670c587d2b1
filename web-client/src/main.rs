//! Hearth's web client: one page that signs people in and lets them talk, end-to-end encrypted.

// The library's deeply nested futures overflow the default limit.
#![recursion_limit = "512"]

mod app;
mod browser;
mod call;
mod client;
mod components;
mod screens;
mod shell;
mod task;

fn main() {
    dioxus::launch(app::App);
}
