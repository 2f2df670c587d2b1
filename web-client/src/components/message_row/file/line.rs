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
    let size = file.size.map(size_in_words);
    rsx! {
        div { class: "file file-line", role: "group", "aria-label": "{word} {name}",
            span { class: "file-mark", Icon { shape: Shape::Page } }
            p { class: "file-what",
                bdi { class: "file-name", "{name}" }
                span { class: "file-size",
                    if file.media.is_none() { "This version can’t open it." }
                    else if let Some(size) = size { "{size}" }
                }
            }
            Download { file }
        }
    }
}
