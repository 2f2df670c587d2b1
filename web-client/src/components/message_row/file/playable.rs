//! A video or sound in the log. It is fetched when somebody wants to see or hear it, and not before.

use dioxus::prelude::*;
use hearth_web_state::{
    files::clean_name,
    message::{File, FileKind},
};

use super::{
    line::{LineBelow, Words},
    picture::box_styles,
};
use crate::components::{
    icon::{Icon, Shape},
    media::{Download, Loaded, Loading, use_file},
};

/// What fetches and plays it, then the browser's own player.
#[component]
pub(super) fn Player(file: File, mime: &'static str) -> Element {
    let loading = use_file(file.media.clone(), mime);
    if file.kind == FileKind::Video {
        rsx! { Video { file, loading } }
    } else {
        rsx! { Sound { file, loading } }
    }
}

#[component]
fn Video(file: File, loading: Loading) -> Element {
    let name = clean_name(&file.name);
    let (width, ratio, colours) = use_hook(|| box_styles(&file));
    let words = progress(&file, loading);
    rsx! {
        if let Some(url) = loading.url() {
            video { class: "file player-video", width: "{width}", aspect_ratio: ratio, controls: true, autoplay: true, "aria-label": "{name}", src: "{url.as_str()}" }
        } else {
            button {
                class: "file picture player-start",
                width: "{width}",
                aspect_ratio: ratio,
                background_image: colours,
                r#type: "button",
                "aria-label": "Play video {name}",
                disabled: *loading.state.read() == Loaded::Coming,
                onclick: move |_| loading.start.call(()),
                Poster { file: file.clone() }
                span { class: "player-mark",
                    Icon { shape: Shape::Play }
                    if let Some(words) = words { span { "{words}" } }
                }
            }
        }
        if let Some(failure) = loading.failure() {
            p { class: "file-failed", role: "note", "{failure.words()}" }
        }
        LineBelow { file, width }
    }
}

/// The bar that begins it is as high as the player that comes in its place, so that nothing moves.
#[component]
fn Sound(file: File, loading: Loading) -> Element {
    let name = clean_name(&file.name);
    let words = progress(&file, loading);
    rsx! {
        div { class: "file file-line", role: "group", "aria-label": "Audio {name}",
            Words { file: file.clone() }
            Download { file }
            if let Some(url) = loading.url() {
                audio { class: "player-audio", controls: true, autoplay: true, "aria-label": "{name}", src: "{url.as_str()}" }
            } else {
                button {
                    class: "player-audio player-bar",
                    r#type: "button",
                    "aria-label": "Play audio {name}",
                    disabled: *loading.state.read() == Loaded::Coming,
                    onclick: move |_| loading.start.call(()),
                    Icon { shape: Shape::Play }
                    if let Some(words) = words { span { "{words}" } }
                }
            }
            if let Some(failure) = loading.failure() {
                p { class: "file-failed", role: "note", "{failure.words()}" }
            }
        }
    }
}

/// A picture out of a video, once it is near the screen.
#[component]
fn Poster(file: File) -> Element {
    let loading = use_file(file.thumbnail.clone(), "image/webp");
    rsx! {
        span {
            class: "picture-poster",
            onvisible: move |event| {
                if event.is_intersecting().unwrap_or(false) {
                    loading.start.call(());
                }
            },
            if let Some(url) = loading.url() { img { class: "picture-image", src: "{url.as_str()}", alt: "" } }
        }
    }
}

/// How much of it has come, or how long it is.
fn progress(file: &File, loading: Loading) -> Option<String> {
    if *loading.state.read() == Loaded::Coming {
        return Some(loading.percent(file.size).map_or_else(|| "…".to_owned(), |percent| format!("{percent} %")));
    }
    file.duration_ms.map(length_in_words)
}

/// "2:05".
fn length_in_words(milliseconds: u64) -> String {
    let seconds = milliseconds.div_ceil(1_000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
