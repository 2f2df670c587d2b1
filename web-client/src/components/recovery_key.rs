//! The recovery key with the ways to save it.

use dioxus::prelude::*;

use super::icon::{Icon, Shape};
use crate::browser;

/// What is said beside the key on paper and in the file.
const ADVICE: &str = "Keep it safe and private: it unlocks your message history on a new device.";

/// Shows the key; `onsaved` runs when it was copied, downloaded or printed.
#[component]
pub(crate) fn RecoveryKey(recovery_key: String, user_id: String, onsaved: EventHandler<()>) -> Element {
    let mut done = use_signal(|| "");
    let to_copy = recovery_key.clone();
    let whose = format!("Recovery key of {user_id} on {}", browser::origin());
    let to_save = format!("{whose}\n\n{recovery_key}\n\n{ADVICE}\n");
    rsx! {
        div { class: "recovery-key",
            p { class: "recovery-key-paper", "{whose}" }
            code { class: "recovery-key-text", tabindex: 0, role: "textbox", "aria-readonly": "true", "aria-label": "Recovery key", "{recovery_key}" }
            div { class: "recovery-key-ways",
                button {
                    class: "button",
                    r#type: "button",
                    onclick: move |_| {
                        let text = to_copy.clone();
                        async move {
                            if browser::copy(&text).await {
                                done.set("Copied.");
                                onsaved.call(());
                            } else {
                                done.set("The browser did not allow copying. Select the key and copy it by hand.");
                            }
                        }
                    },
                    Icon { shape: Shape::Copy }
                    "Copy"
                }
                button {
                    class: "button",
                    r#type: "button",
                    onclick: move |_| {
                        if browser::download("hearth-recovery-key.txt", &to_save) {
                            done.set("Downloaded.");
                            onsaved.call(());
                        }
                    },
                    Icon { shape: Shape::Download }
                    "Download"
                }
                button {
                    class: "button",
                    r#type: "button",
                    onclick: move |_| {
                        if browser::print() {
                            done.set("Printed.");
                            onsaved.call(());
                        }
                    },
                    Icon { shape: Shape::Printer }
                    "Print"
                }
                span { class: "recovery-key-done", role: "status", "{done}" }
            }
            p { class: "recovery-key-paper", "{ADVICE}" }
        }
    }
}
