//! The password asked for again, before something that a stolen session must not do.

use dioxus::prelude::*;
use hearth_web_state::trouble::Trouble;

use crate::components::{
    field::{Field, Kind},
    notice::{Notice, Tone},
};

/// How it goes with what the password is asked for. Copying shares it.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Going {
    /// It is being done.
    pub(super) busy: Signal<bool>,
    /// Why it was not.
    pub(super) trouble: Signal<Option<Trouble>>,
}

/// Nothing is being done yet.
pub(super) fn use_going() -> Going {
    Going { busy: use_signal(|| false), trouble: use_signal(|| None) }
}

impl Going {
    /// Does it, unless it is being done; whether it succeeded.
    pub(super) async fn run(mut self, work: impl Future<Output = Result<(), Trouble>>) -> bool {
        if self.busy.replace(true) {
            return false;
        }
        self.trouble.set(None);
        let done = work.await;
        self.trouble.set(done.err());
        self.busy.set(false);
        done.is_ok()
    }
}

/// A field for the password with what goes before it, a button that does it and one that does not. `onprove` gets the password.
#[component]
pub(super) fn Proof(
    id: String,
    action: &'static str,
    #[props(default)] is_dangerous: bool,
    going: Going,
    onprove: EventHandler<String>,
    oncancel: EventHandler<()>,
    children: Element,
) -> Element {
    let mut password = use_signal(String::new);
    let busy = (going.busy)();
    rsx! {
        form {
            class: "settings-form",
            onsubmit: move |event| {
                event.prevent_default();
                onprove.call(password.peek().clone());
            },
            {children}
            Field { id, label: "Your password", kind: Kind::Password, value: password(),
                autocomplete: "current-password", oninput: move |value| password.set(value) }
            if let Some(found) = (going.trouble)() { Notice { tone: Tone::Trouble, text: found.words() } }
            div { class: "button-line",
                button {
                    class: if is_dangerous { "button button-danger" } else { "button button-primary" },
                    r#type: "submit",
                    disabled: busy || password.read().is_empty(),
                    "{action}"
                }
                button { class: "button", r#type: "button", onclick: move |_| oncancel.call(()), "Cancel" }
            }
        }
    }
}
