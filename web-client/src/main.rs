//! Skeleton.
#![recursion_limit = "512"]
use dioxus::prelude::*;
fn main() { dioxus::launch(|| rsx! { "hi" }); }
