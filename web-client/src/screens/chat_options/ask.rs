//! A question before something is done, in front of everything.

use dioxus::prelude::*;
use futures_channel::oneshot;
use hearth_web_state::trouble::Trouble;

use crate::{
    browser,
    components::notice::{Notice, Tone},
};

/// What is being done, to its end.
type Doing = oneshot::Receiver<Result<(), Trouble>>;

/// A dialog that `browser::show_dialog(id)` opens. It closes when `onaction` has succeeded, and says why if not.
#[component]
pub(super) fn Ask(
    id: &'static str,
    title: String,
    text: String,
    action: &'static str,
    onaction: Callback<(), Doing>,
    #[props(default)] ondone: EventHandler<()>,
) -> Element {
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let act = move |_| {
        busy.set(true);
        trouble.set(None);
        let doing = onaction.call(());
        spawn(async move {
            match doing.await {
                Ok(Ok(())) => {
                    browser::close_dialog();
                    ondone.call(());
                }
                Ok(Err(found)) => trouble.set(Some(found)),
                // The page is going away.
                Err(oneshot::Canceled) => return,
            }
            busy.set(false);
        });
    };
    rsx! {
        dialog { id, class: "dialog", "aria-labelledby": "{id}-title", "aria-describedby": "{id}-text",
            form { method: "dialog", class: "dialog-body",
                h2 { id: "{id}-title", "{title}" }
                p { id: "{id}-text", "{text}" }
                if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
                div { class: "button-line button-line-end",
                    button { class: "button", r#type: "submit", value: "cancel", "Cancel" }
                    button { class: "button button-danger", r#type: "button", disabled: busy(), onclick: act, "{action}" }
                }
            }
        }
    }
}
