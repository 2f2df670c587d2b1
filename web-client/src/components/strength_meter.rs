//! Four bars and a word for how hard a password is to guess.

use dioxus::prelude::*;
use hearth_web_state::password::Strength;

/// Shown under a password field once something is typed.
#[component]
pub(crate) fn StrengthMeter(strength: Strength) -> Element {
    let lit = strength.bars();
    rsx! {
        div { class: "strength", "data-bars": "{lit}",
            div { class: "strength-bars", "aria-hidden": "true",
                for bar in 0..4 {
                    span { key: "{bar}", class: if bar < lit { "strength-bar strength-lit" } else { "strength-bar" } }
                }
            }
            p { class: "strength-word", role: "status", "Password strength: {strength.label()}" }
        }
    }
}
