//! Parts of the program that are loaded when they are first shown, so that nobody waits for what most never open.
//!
//! The functions that are marked here are where the module is taken apart while it is packed (`bindgen`): what only they need becomes
//! a file of its own, one for each name of a part. They give a component and do not show it, because only loading may take time.

use std::future::Future;

use dioxus::prelude::*;
use futures_util::FutureExt;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::{
    browser,
    components::{
        emoji_picker::{Choice, ChoiceProps},
        notice::{Notice, Tone},
    },
    screens::{
        call::{incoming, small, stage},
        chat_options::{Opened, OpenedProps},
        conversation::viewer::{Frame, FrameProps},
        recovery, request, settings,
        verification::{Dialog, DialogProps},
    },
};

/// What a part gives: a component.
type Loaded<P> = Result<fn(P) -> Element, SplitLoaderError>;

/// A component that is one of the part `$part`, and stands for it wherever it is written.
macro_rules! later {
    ($(#[$doc:meta])* $name:ident($props:ty) of $part:ident by $load:ident, $place:ident: $component:expr) => {
        #[wasm_split($part, fallible)]
        fn $load() -> Loaded<$props> {
            Ok($component)
        }

        $(#[$doc])*
        #[component]
        pub(crate) fn $name(props: $props) -> Element {
            use_part($load, props, Place::$place)
        }
    };
}

later! {
    /// The settings.
    SettingsPane(()) of settings by load_settings, Pane: |()| settings::SettingsPane()
}
later! {
    /// The recovery key of who is logged in.
    RecoveryPane(()) of recovery by load_recovery, Pane: |()| recovery::RecoveryPane()
}
later! {
    /// Somebody who asks to talk.
    RequestPane(request::RequestPaneProps) of people by load_request, Pane: request::RequestPane
}
later! {
    /// What can be done about a chat and its person.
    OpenedOptions(OpenedProps) of people by load_options, Front: Opened
}
later! {
    /// What there is to choose among emoji.
    EmojiChoice(ChoiceProps) of emoji by load_emoji, Pane: Choice
}
later! {
    /// A picture, large.
    LargePicture(FrameProps) of viewer by load_viewer, Front: Frame
}
later! {
    /// The dialog of a comparison of emoji.
    ComparisonDialog(DialogProps) of comparison by load_comparison, Front: Dialog
}
later! {
    /// A call in its chat.
    LiveCall(stage::LiveProps) of call by load_live_call, Pane: stage::Live
}
later! {
    /// A call that is over, in its chat.
    OverCall(stage::OverProps) of call by load_over_call, Pane: stage::Over
}
later! {
    /// A call that rings.
    IncomingCard(incoming::IncomingCardProps) of call by load_incoming_card, Front: incoming::IncomingCard
}
later! {
    /// A call outside its chat.
    SmallCall(small::SmallCallProps) of call by load_small_call, Front: small::SmallCall
}
later! {
    /// A call that is over, outside its chat.
    EndedNote(small::EndedNoteProps) of call by load_ended_note, Front: small::EndedNote
}

/// Loads what has to be there at once when it is needed.
pub(crate) async fn load_ahead() {
    // What cannot be loaded now is tried again when it is shown, and said then.
    let _ = load_incoming_card().await;
}

/// Where a part is shown.
#[derive(Clone, Copy)]
enum Place {
    /// Among other things: who waits sees it.
    Pane,
    /// In front of everything.
    Front,
}

/// What became of a part.
enum Part<P: 'static> {
    Coming,
    There(fn(P) -> Element),
    Failed,
}

impl<P: 'static> From<Loaded<P>> for Part<P> {
    fn from(loaded: Loaded<P>) -> Self {
        loaded.map_or(Self::Failed, Self::There)
    }
}

/// Shows a part as if it were written in the component that calls this, which has no other hooks. What was loaded before is shown at once.
fn use_part<P: 'static, F>(load: fn() -> F, props: P, place: Place) -> Element
where
    F: Future<Output = Loaded<P>> + 'static,
{
    let mut part = use_signal(|| Part::Coming);
    let begin = use_callback(move |()| {
        let mut loading = Box::pin(load());
        if let Some(loaded) = (&mut loading).now_or_never() {
            part.set(loaded.into());
            return;
        }
        part.set(Part::Coming);
        spawn(async move { part.set(loading.await.into()) });
    });
    use_hook(|| begin.call(()));
    let render = match &*part.read() {
        Part::There(render) => *render,
        Part::Coming => return wait(place),
        Part::Failed => return failed(place, begin),
    };
    render(props)
}

fn wait(place: Place) -> Element {
    match place {
        Place::Pane => rsx! { p { class: "part-wait", role: "status", "Loading…" } },
        Place::Front => rsx! {},
    }
}

fn failed(place: Place, again: Callback<()>) -> Element {
    let class = match place {
        Place::Pane => "part-failed",
        Place::Front => "part-failed part-failed-front",
    };
    rsx! {
        div { class,
            Notice { tone: Tone::Trouble, text: "This could not be loaded. You may be offline, or there is a newer Hearth.",
                button { class: "link", r#type: "button", onclick: move |_| again.call(()), "Try again" }
                button { class: "link", r#type: "button", onclick: move |_| browser::reload(), "Reload" }
            }
        }
    }
}
