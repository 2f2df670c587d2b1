//! What one is told of while one does not look at the page.

use dioxus::prelude::*;
use hearth_web_state::told::Wishes;

use crate::{
    browser::{self, Permission},
    components::notice::{Notice, Tone},
    screens::workspace::Desk,
};

/// Whether there are notifications, what stands in them, and whether they make a sound.
#[component]
pub(super) fn NoteSection() -> Element {
    let mut desk = use_context::<Desk>();
    let wishes = (desk.wishes)().unwrap_or_default();
    let permission = browser::permission();
    let is_on = wishes.is_on && permission == Permission::Granted;
    let hindrance = match permission {
        Permission::Granted | Permission::Open => None,
        Permission::Denied => Some(
            "The browser blocks notifications of this site. Allow them in the browser’s settings for this site, then reload.",
        ),
        Permission::Missing => Some("This browser doesn’t show notifications."),
    };
    rsx! {
        section { class: "settings-section", "aria-labelledby": "settings-notes",
            h2 { id: "settings-notes", "Notifications" }
            if let Some(text) = hindrance { Notice { tone: Tone::Calm, text } }
            Switch { label: "Tell me of messages and calls", is_on, disabled: hindrance.is_some(),
                onturn: move |is_on| { spawn(async move { desk.wish_to_be_told(is_on).await }); } }
            Switch { label: "Show what was written", is_on: wishes.shows_text, disabled: !is_on,
                onturn: move |shows_text| desk.wish(Wishes { shows_text, ..wishes }) }
            Switch { label: "Play a sound", is_on: wishes.has_sound, disabled: !is_on,
                onturn: move |has_sound| desk.wish(Wishes { has_sound, ..wishes }) }
            Switch { label: "Do not disturb", is_on: wishes.is_undisturbed, disabled: false,
                onturn: move |is_undisturbed| desk.wish(Wishes { is_undisturbed, ..wishes }) }
            p { class: "settings-hint", "Do not disturb keeps notifications back, and calls ring without a sound. For this browser only." }
        }
    }
}

#[component]
fn Switch(label: &'static str, is_on: bool, disabled: bool, onturn: EventHandler<bool>) -> Element {
    rsx! {
        label { class: "settings-line",
            span { "{label}" }
            input { r#type: "checkbox", role: "switch", checked: is_on, disabled, onchange: move |event| onturn.call(event.checked()) }
        }
    }
}
