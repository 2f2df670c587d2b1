//! Hearth's web client: one page that signs people in and lets them talk, end-to-end encrypted.

// The library's deeply nested futures overflow the default limit.
#![recursion_limit = "512"]

mod app;
mod browser;
mod call;
mod client;
mod components;
mod later;
mod screens;
mod shell;
mod task;

// What libraries would write about their work is read by nobody here and is a tenth of the program: none of it is compiled.
const _: () =
    assert!(log::STATIC_MAX_LEVEL as usize == 0 && tracing::level_filters::STATIC_MAX_LEVEL.into_level().is_none());

fn main() {
    wasm_bindgen_futures::spawn_local(async {
        // The page's static form stays until the program's own can stand in its place, so that nothing typed meanwhile goes astray.
        if browser::is_boot_sign_up() {
            screens::auth::prepare_sign_up().await;
        }
        dioxus::launch(app::App);
    });
}
