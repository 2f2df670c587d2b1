//! Comparing emoji: the prompt of whoever asks, and the dialog of a comparison.

mod comparing;

use dioxus::prelude::*;
use hearth_web_state::verification::{Emoji, Input, Stage, Verification};

use crate::{
    browser,
    components::icon::{Icon, Shape},
    later::later,
};

pub(crate) use comparing::Comparing;

const DIALOG_ID: &str = "verification";

/// Whatever is to be seen of a comparison, in front of every screen.
#[component]
pub(crate) fn VerificationLayer() -> Element {
    let comparing = use_context::<Comparing>();
    match (comparing.now)() {
        None => rsx! {},
        Some(now) if now.stage == Stage::Offered => rsx! { Prompt { now } },
        Some(now) => rsx! { ComparisonDialog { now } },
    }
}

/// Somebody asks. It takes the focus from nobody: whoever writes goes on writing.
#[component]
fn Prompt(now: Verification) -> Element {
    let comparing = use_context::<Comparing>();
    let declining = comparing.clone();
    rsx! {
        div { class: "verification-prompt", role: "alertdialog", "aria-label": "{now.title()}", "aria-describedby": "verification-offer",
            Icon { shape: Shape::Shield }
            p { id: "verification-offer", class: "verification-offer", "{now.offer()}" }
            div { class: "button-line",
                button { class: "button button-primary", r#type: "button", onclick: move |_| comparing.take(Input::Accept), "Compare emoji" }
                button { class: "button", r#type: "button", onclick: move |_| declining.take(Input::Close), "Not now" }
            }
        }
    }
}

later! {
    /// The dialog of a comparison, loaded when it is first needed.
    ComparisonDialog(DialogProps) of more by load_comparison, Front: Dialog
}

#[component]
pub(crate) fn Dialog(now: Verification) -> Element {
    let comparing = use_context::<Comparing>();
    use_effect(|| {
        browser::close_dialog();
        browser::show_dialog(DIALOG_ID);
    });
    let leave = comparing.clone();
    let escape = comparing.clone();
    rsx! {
        dialog {
            id: DIALOG_ID,
            class: "dialog verification",
            "aria-labelledby": "verification-title",
            "aria-describedby": "verification-text",
            onkeydown: move |event| {
                if event.key() == Key::Escape {
                    event.prevent_default();
                    close(&escape);
                }
            },
            div { class: "dialog-body",
                h2 { id: "verification-title", "{now.title()}" }
                p { id: "verification-text", role: "status", class: if now.stage == Stage::Done { "verification-done" },
                    if now.stage == Stage::Done { Icon { shape: Shape::Shield } }
                    "{now.words()}"
                }
                if let Stage::Comparing(emoji) = &now.stage { Table { emoji: emoji.clone() } }
                div { class: "button-line button-line-end",
                    if matches!(now.stage, Stage::Comparing(_)) {
                        Judgement {}
                    } else {
                        button { class: "button", r#type: "button", onclick: move |_| close(&leave),
                            if now.is_over() { "Close" } else { "Cancel" }
                        }
                    }
                }
            }
        }
    }
}

/// The dialog is closed before it goes, so that the focus returns to where it was.
fn close(comparing: &Comparing) {
    browser::close_dialog();
    comparing.take(Input::Close);
}

#[component]
fn Table(emoji: Box<[Emoji; 7]>) -> Element {
    rsx! {
        ol { class: "verification-emoji", role: "list", "aria-label": "Emoji",
            for (place , one) in emoji.iter().enumerate() {
                li { key: "{place}",
                    span { class: "verification-symbol", "aria-hidden": "true", "{one.symbol}" }
                    span { "{one.word}" }
                }
            }
        }
    }
}

#[component]
fn Judgement() -> Element {
    let comparing = use_context::<Comparing>();
    let differ = comparing.clone();
    rsx! {
        button { class: "button", r#type: "button", onclick: move |_| differ.take(Input::Judge(false)), "They don’t match" }
        button { class: "button button-primary", r#type: "button", onclick: move |_| comparing.take(Input::Judge(true)), "They match" }
    }
}
