//! Files on their way out, and files that did not make it.

use dioxus::prelude::*;
use hearth_web_state::{
    files::{Going, Stage, clean_name},
    text::isolated,
};
use web_sys::File;

use super::icon::{Icon, Shape};
use crate::later::later;

later! {
    /// One line for each file; what failed says why, and offers what helps.
    FileProgress(ProgressProps) of more by load_file_progress, Pane: Progress
}

later! {
    /// Files that a reload has lost.
    LostFiles(LostProps) of more by load_lost_files, Pane: Lost
}

#[component]
pub(crate) fn Progress(files: Vec<Going<File>>, oncancel: EventHandler<u64>, onagain: EventHandler<u64>) -> Element {
    rsx! {
        ul { class: "tray tray-going", role: "list", "aria-label": "Files being sent",
            for going in files {
                li { key: "{going.picked.id}", class: "tray-file",
                    Line { going: going.clone(), onagain: move |()| onagain.call(going.picked.id) }
                    button {
                        class: "icon-button tray-remove",
                        r#type: "button",
                        "aria-label": "Cancel {going.picked.file.name}",
                        title: "Cancel",
                        onclick: move |_| oncancel.call(going.picked.id),
                        Icon { shape: Shape::Close }
                    }
                }
            }
        }
    }
}

#[component]
fn Line(going: Going<File>, onagain: EventHandler<()>) -> Element {
    let name = clean_name(&going.picked.file.name);
    let Stage::Failed(failure) = going.stage else {
        return rsx! {
            p { class: "file-what",
                bdi { class: "file-name", "{name}" }
                span { class: "file-size", {going.stage.words()} }
            }
            progress { class: "tray-bar", max: "100", value: "{going.stage.percent()}", "aria-label": "How much of {name} is sent" }
        };
    };
    rsx! {
        p { class: "file-what",
            bdi { class: "file-name", "{name}" }
            span { class: "file-failed",
                span { role: "alert", {failure.words()} }
                if let Some(way_on) = failure.way_on() {
                    " "
                    button { class: "link", r#type: "button", onclick: move |_| onagain.call(()), "{way_on}" }
                }
            }
        }
    }
}

/// Files that were on their way when the page was loaded anew.
#[component]
pub(crate) fn Lost(names: Vec<String>, ondismiss: EventHandler<()>) -> Element {
    let words = match names.as_slice() {
        [name] => format!("{} was not sent.", isolated(&clean_name(name))),
        names => {
            let listed: Vec<String> = names.iter().map(|name| isolated(&clean_name(name))).collect();
            format!("{} files were not sent: {}.", names.len(), listed.join(", "))
        }
    };
    rsx! {
        div { class: "notice notice-trouble", role: "alert",
            Icon { shape: Shape::Warning }
            span { class: "notice-text", dir: "auto", "{words} The page was loaded anew; pick again what is still to go." }
            button { class: "link", r#type: "button", onclick: move |_| ondismiss.call(()), "Dismiss" }
        }
    }
}
