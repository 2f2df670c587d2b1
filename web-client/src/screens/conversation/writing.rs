//! Where one writes.

use dioxus::prelude::*;
use hearth_web_state::trouble::Trouble;

use super::{act, log::LOG_ID};
use crate::{
    browser,
    components::{
        composer::Composer,
        notice::{Notice, Tone},
    },
    screens::workspace::{Desk, OpenChat},
};

/// Who types, the composer, and why a message could not be taken.
#[component]
pub(super) fn Writing(id: String, open: OpenChat, line: Signal<bool>, name: String) -> Element {
    let mut line = line;
    let desk = use_context::<Desk>();
    let mut drafts = desk.drafts;
    let mut trouble = use_signal(|| None::<Trouble>);
    let draft = drafts.read().get(&id).cloned().unwrap_or_default();
    let typing = open.state.read().typing_words();
    let id_of_draft = id.clone();
    rsx! {
        div { class: "writing",
            if let Some(found) = trouble() {
                Notice { tone: Tone::Trouble, text: found.words(),
                    button { class: "link", r#type: "button", onclick: move |_| trouble.set(None), "Dismiss" }
                }
            }
            Composer {
                to: name,
                draft,
                ondraft: move |text| { drafts.write().insert(id_of_draft.clone(), text); },
                onsend: move |text: String| {
                    let Some(handle) = open.handle.peek().clone() else { return };
                    drafts.write().remove(&id);
                    trouble.set(None);
                    line.set(false);
                    browser::scroll_to_end(LOG_ID);
                    let id = id.clone();
                    spawn(async move {
                        if let Err(found) = handle.send(&text).await {
                            // What was written must not be lost with the failure.
                            drafts.write().entry(id).or_insert(text);
                            trouble.set(Some(found));
                        }
                    });
                },
                ontype: move |typing| act(open, move |handle| async move { handle.type_notice(typing).await }),
            }
            p { class: "typing", role: "status", if let Some(words) = typing { "{words}" } }
        }
    }
}
