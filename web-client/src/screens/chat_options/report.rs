//! Telling those who run the server about a person.

use dioxus::prelude::*;
use hearth_web_state::trouble::Trouble;

use crate::{
    client::Account,
    components::notice::{Notice, Tone},
};

/// The id of the dialog.
pub(crate) const REPORT_ID: &str = "report-person";
/// The longest report, in characters.
const MAX_REPORT_CHARS: i64 = 2_000;

/// Asks what happened, and says what the report holds: no message, since nobody but the two can read those.
#[component]
pub(crate) fn ReportDialog(user_id: String, name: String) -> Element {
    let account = use_context::<Account>();
    let mut reason = use_signal(String::new);
    let mut busy = use_signal(|| false);
    let mut said = use_signal(|| None::<Result<(), Trouble>>);
    let report = move |_| {
        let (account, user_id) = (account.clone(), user_id.clone());
        busy.set(true);
        spawn(async move {
            let done = account.report(&user_id, &reason.peek().clone()).await;
            if done.is_ok() {
                reason.set(String::new());
            }
            said.set(Some(done));
            busy.set(false);
        });
    };
    let is_done = said() == Some(Ok(()));
    rsx! {
        dialog { id: REPORT_ID, class: "dialog", "aria-labelledby": "report-title", "aria-describedby": "report-text",
            onkeydown: move |event| if event.key() == Key::Escape { said.set(None) },
            form { method: "dialog", class: "dialog-body",
                h2 { id: "report-title", "Report {name}?" }
                p { id: "report-text",
                    "Those who run this server are told that you report this person, and what you write here. "
                    "They get none of your messages: those are encrypted."
                }
                label { class: "field-label", r#for: "report-reason", "What happened? (optional)" }
                textarea {
                    id: "report-reason",
                    class: "report-reason",
                    rows: 4,
                    maxlength: MAX_REPORT_CHARS,
                    value: "{reason}",
                    oninput: move |event| reason.set(event.value()),
                }
                match said() {
                    Some(Ok(())) => rsx! { Notice { tone: Tone::Calm, text: "Reported. Thank you." } },
                    Some(Err(Trouble::NotOffered)) => rsx! {
                        Notice { tone: Tone::Trouble, text: "This server takes no reports. Tell the person who runs it another way." }
                    },
                    Some(Err(found)) => rsx! { Notice { tone: Tone::Trouble, text: found.words() } },
                    None => rsx! {},
                }
                div { class: "button-line button-line-end",
                    button { class: "button", r#type: "submit", value: "cancel", onclick: move |_| said.set(None), if is_done { "Close" } else { "Cancel" } }
                    if !is_done {
                        button { class: "button button-danger", r#type: "button", disabled: busy(), onclick: report, "Report" }
                    }
                }
            }
        }
    }
}
