//! A video or sound in the log. It is fetched when somebody wants to see or hear it, and not before.

use dioxus::prelude::*;
use hearth_web_state::{
    files::clean_name,
    message::{File, FileKind},
};

use super::{line::FileLine, picture::box_styles};
use crate::components::{
    icon::{Icon, Shape},
    media::{Loaded, Loading, use_file},
};

/// A button that fetches and plays it, then the browser's own player.
#[component]
pub(super) fn Player(file: File, mime: &'static str) -> Element {
    let loading = use_file(file.media.clone(), mime);
    let name = clean_name(&file.name);
    let is_video = file.kind == FileKind::Video;
    let word = if is_video { "video" } else { "audio" };
    let (width, ratio, colours) = use_hook(|| box_styles(&file));
    let url = loading.url();
    rsx! {
        match (url, is_video) {
            (Some(url), true) => rsx! {
                video { class: "file player-video", width, aspect_ratio: ratio, controls: true, autoplay: true, "aria-label": "{name}", src: "{url.as_str()}" }
            },
            (Some(url), false) => rsx! {
                audio { class: "file player-audio", controls: true, autoplay: true, "aria-label": "{name}", src: "{url.as_str()}" }
            },
            (None, _) => rsx! {
                button {
                    class: if is_video { "file picture player-start" } else { "button file" },
                    width: if is_video { width },
                    aspect_ratio: if is_video { ratio },
                    background_image: if is_video { colours },
                    r#type: "button",
                    "aria-label": "Play {word} {name}",
                    disabled: *loading.state.read() == Loaded::Coming,
                    onclick: move |_| loading.start.call(()),
                    if is_video { Poster { file: file.clone() } }
                    span { class: "player-mark",
                        Icon { shape: Shape::Play }
                        Progress { file: file.clone(), loading }
                    }
                }
            },
        }
        if let Some(failure) = loading.failure() {
            p { class: "file-failed", role: "note", "{failure.words()}" }
        }
        FileLine { file }
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
#[component]
fn Progress(file: File, loading: Loading) -> Element {
    let words = if *loading.state.read() == Loaded::Coming {
        loading.percent(file.size).map_or_else(|| "…".to_owned(), |percent| format!("{percent} %"))
    } else {
        file.duration_ms.map(length_in_words).unwrap_or_default()
    };
    rsx! { span { "{words}" } }
}

/// "2:05".
fn length_in_words(milliseconds: u64) -> String {
    let seconds = milliseconds.div_ceil(1_000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
