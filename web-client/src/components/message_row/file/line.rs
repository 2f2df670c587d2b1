//! A file in one line.

use dioxus::prelude::*;
use hearth_web_state::{
    files::{clean_name, size_in_words},
    message::File,
};

use crate::components::{
    icon::{Icon, Shape},
    media::Download,
};

/// Its name, its size, and the way to save it.
#[component]
pub(super) fn FileLine(file: File) -> Element {
    let name = clean_name(&file.name);
    let word = file.kind.word();
    rsx! {
        div { class: "file file-line", role: "group", "aria-label": "{word} {name}",
            span { class: "file-mark", Icon { shape: Shape::Page } }
            Words { file: file.clone() }
            Download { file }
        }
    }
}

/// The same below what is shown of it, as wide as that.
#[component]
pub(super) fn LineBelow(file: File, width: String) -> Element {
    let name = clean_name(&file.name);
    let word = file.kind.word();
    rsx! {
        div { class: "file file-line file-below", width, role: "group", "aria-label": "{word} {name}",
            Words { file: file.clone() }
            Download { file }
        }
    }
}

/// Name and size.
#[component]
pub(super) fn Words(file: File) -> Element {
    let name = clean_name(&file.name);
    let words = if file.media.is_some() {
        file.size.map(size_in_words).unwrap_or_default()
    } else {
        "This version can’t open it.".to_owned()
    };
    rsx! {
        p { class: "file-what",
            bdi { class: "file-name", "{name}" }
            span { class: "file-size", "{words}" }
        }
    }
}
