//! A file in a message: a picture is shown, a video or sound plays when asked to, everything else is saved and never
//! opened.

mod line;
mod picture;
mod playable;

use std::rc::Rc;

use dioxus::prelude::*;
use hearth_web_state::message::{File, FileKind, Message, shown_type};

use super::wish::Wish;
use line::FileLine;
use picture::Picture;
use playable::Player;

/// The file of a message, without what is written with it.
#[component]
pub(super) fn FileBody(message: Rc<Message>, file: File, onwish: Callback<Wish>) -> Element {
    let shown = shown_type(file.kind, file.mime.as_deref()).filter(|_| file.media.is_some());
    match (file.kind, shown) {
        (FileKind::Picture | FileKind::Sticker, Some(_)) => rsx! { Picture { message, file, onwish } },
        (FileKind::Video | FileKind::Sound, Some(mime)) => rsx! { Player { file, mime } },
        _ => rsx! { FileLine { file } },
    }
}
