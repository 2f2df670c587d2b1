//! The recovery key with the ways to save it.

use dioxus::prelude::*;

use super::icon::{Icon, Shape};
use crate::browser;

/// Shows the key; `onsaved` runs when it was copied or downloaded.
#[component]
pub(crate) fn RecoveryKey(recovery_key: String, user_id: String, onsaved: EventHandler<()>) -> Element {
    let mut done = use_signal(|| "");
    let to_copy = recovery_key.clone();
    let to_save = format!(
        "Recovery key of {user_id} on {}\n\n{recovery_key}\n\nKeep it safe and private: it unlocks your message history on a new device.\n",
        browser::origin()
    );
    rsx! {
        div { class: "recovery-key",
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
                span { class: "recovery-key-done", role: "status", "{done}" }
            }
        }
    }
}
