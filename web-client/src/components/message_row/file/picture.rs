//! A picture in the log: its box is there at once, with a few colours; the picture comes when it is near the screen.

use std::rc::Rc;

use dioxus::prelude::*;
use hearth_web_state::{
    files::{blurred, clean_name},
    message::{File, Message, Warning, shown_type},
};

use super::super::wish::Wish;
use crate::components::media::use_file;

/// A larger picture without a thumbnail is fetched only when it is opened, in bytes.
const MAX_UNASKED: u64 = 10 * 1024 * 1024;
/// What thumbnails are taken for: browsers look at the bytes, and only a type of its own makes a program of a picture.
const THUMBNAIL_TYPE: &str = "image/webp";

/// A button that opens the picture.
#[component]
pub(super) fn Picture(message: Rc<Message>, file: File, onwish: Callback<Wish>) -> Element {
    let has_thumbnail = file.thumbnail.is_some();
    let mime = shown_type(file.kind, file.mime.as_deref()).filter(|_| !has_thumbnail).unwrap_or(THUMBNAIL_TYPE);
    let loading = use_file(file.thumbnail.clone().or_else(|| file.media.clone()), mime);
    let is_small = has_thumbnail || file.size.is_none_or(|size| size <= MAX_UNASKED);
    // What the server could have put there is not fetched unasked.
    let is_unasked = is_small && message.trust.warning() != Some(Warning::Block);
    let name = clean_name(&file.name);
    let (width, ratio, colours) = use_hook(|| box_styles(&file));
    let url = loading.url();
    rsx! {
        div { class: "file",
            button {
                class: "picture",
                width,
                aspect_ratio: ratio,
                background_image: colours,
                r#type: "button",
                "aria-label": "Open picture {name}",
                onvisible: move |event| {
                    if is_unasked && event.is_intersecting().unwrap_or(false) {
                        loading.start.call(());
                    }
                },
                onclick: move |_| onwish.call(Wish::Look(message.clone())),
                if let Some(url) = url { img { class: "picture-image", src: "{url.as_str()}", alt: "{name}" } }
                else if !is_unasked { span { class: "picture-word", "Show the picture" } }
            }
            if let Some(failure) = loading.failure() {
                p { class: "file-failed", role: "note",
                    "{failure.words()} "
                    if let Some(way_on) = failure.way_on() {
                        button { class: "link", r#type: "button", onclick: move |_| loading.start.call(()), "{way_on}" }
                    }
                }
            }
        }
    }
}

/// The box that is kept for a picture: how wide it is, how wide for its height, and its colours. Each is a style of its
/// own, as the page's policy wants it.
pub(super) fn box_styles(file: &File) -> (String, String, String) {
    let (width, height) = file.box_px();
    let colours = file.blurhash.as_deref().and_then(blurred);
    let image = colours.map_or_else(|| "none".to_owned(), |url| format!("url({url})"));
    (format!("{width}px"), format!("{width}/{height}"), image)
}
