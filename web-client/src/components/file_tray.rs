//! What is about to be sent with the next message: name, size, a small picture, and the way to take it back.

use dioxus::prelude::*;
use hearth_web_state::{
    files::{Picked, clean_name, size_in_words},
    message::{FileKind, shown_type},
};
use web_sys::File;

use super::icon::{Icon, Shape};
use crate::{browser::files::ObjectUrl, later::later};

later! {
    /// Reports what is taken back, and which pictures are to stay as they are.
    FileTray(TrayProps) of more by load_file_tray, Pane: Tray
}

#[component]
pub(crate) fn Tray(files: Vec<Picked<File>>, onremove: EventHandler<u64>, onoriginal: EventHandler<(u64, bool)>) -> Element {
    rsx! {
        ul { class: "tray", role: "list", "aria-label": "Files to send",
            for picked in files {
                li { key: "{picked.id}", class: "tray-file",
                    TrayPicture { picked: picked.clone() }
                    p { class: "file-what",
                        bdi { class: "file-name", {clean_name(&picked.file.name)} }
                        span { class: "file-size", {size_in_words(picked.file.size)} }
                    }
                    if picked.kind == FileKind::Picture {
                        label { class: "tray-original", title: "As it is: full size, with place and camera if the picture tells them",
                            input {
                                r#type: "checkbox",
                                role: "switch",
                                "aria-label": "Original of {picked.file.name}",
                                checked: picked.original,
                                onchange: move |event| onoriginal.call((picked.id, event.checked())),
                            }
                            "Original"
                        }
                    }
                    button {
                        class: "icon-button tray-remove",
                        r#type: "button",
                        "aria-label": "Remove {picked.file.name}",
                        title: "Remove",
                        onclick: move |_| onremove.call(picked.id),
                        Icon { shape: Shape::Close }
                    }
                }
            }
        }
    }
}

#[component]
fn TrayPicture(picked: Picked<File>) -> Element {
    let is_shown = shown_type(picked.kind, Some(&picked.file.mime)).is_some() && picked.kind == FileKind::Picture;
    let shape = match picked.kind {
        FileKind::Video => Shape::Video,
        FileKind::Sound => Shape::Play,
        _ => Shape::Page,
    };
    let url = use_signal(|| if is_shown { ObjectUrl::new(&picked.file.source) } else { None });
    let url = url.read();
    rsx! {
        span { class: "tray-picture",
            if let Some(url) = &*url { img { src: "{url.as_str()}", alt: "", decoding: "async" } }
            else { Icon { shape } }
        }
    }
}
