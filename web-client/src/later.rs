//! Parts of the program that are loaded when they are first shown, so that nobody waits for what most never open.
//!
//! The functions that are marked here are where the module is taken apart while it is packed (`bindgen`): what only they need becomes
//! a file of its own. They give what is asked for and do not run it, because only loading may take time. There are two parts: `call`, which
//! is loaded ahead, and `more`. Smaller ones would share much, and what is shared becomes files too.

use std::future::Future;

use dioxus::prelude::*;
use futures_util::{FutureExt, future::LocalBoxFuture};
use hearth_web_state::{
    files::{Failure, Going, Stage},
    trouble::Trouble,
    verification::Effect,
};
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use web_sys::File;

use crate::{
    browser,
    client::{Comparison, OpenConversation},
    components::{
        emoji_picker::{Choice, ChoiceProps},
        file_progress, file_tray,
        notice::{Notice, Tone},
    },
    screens::{
        call::{incoming, small, stage},
        chat_options::{Opened, OpenedProps},
        conversation::viewer::{Frame, FrameProps},
        recovery, request, settings,
        verification::{Dialog, DialogProps},
        workspace::opening,
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
    SettingsPane(()) of more by load_settings, Pane: |()| settings::SettingsPane()
}
later! {
    /// The screen between sign-up and the first chat.
    FreshKeyScreen(()) of more by load_fresh_key, Pane: |()| recovery::FreshKeyScreen()
}
later! {
    /// The recovery key of who is logged in.
    RecoveryPane(()) of more by load_recovery, Pane: |()| recovery::RecoveryPane()
}
later! {
    /// Somebody who asks to talk.
    RequestPane(request::RequestPaneProps) of more by load_request, Pane: request::RequestPane
}
later! {
    /// A chat on its way.
    OpeningPane(opening::OpeningPaneProps) of more by load_opening, Pane: opening::OpeningPane
}
later! {
    /// What can be done about a chat and its person.
    OpenedOptions(OpenedProps) of more by load_options, Front: Opened
}
later! {
    /// What there is to choose among emoji.
    EmojiChoice(ChoiceProps) of more by load_emoji, Pane: Choice
}
later! {
    /// Files to send.
    FileTray(file_tray::FileTrayProps) of more by load_file_tray, Pane: file_tray::FileTray
}
later! {
    /// Files that are being sent.
    FileProgress(file_progress::FileProgressProps) of more by load_file_progress, Pane: file_progress::FileProgress
}
later! {
    /// Files that a reload has lost.
    LostFiles(file_progress::LostFilesProps) of more by load_lost_files, Pane: file_progress::LostFiles
}
later! {
    /// A picture, large.
    LargePicture(FrameProps) of more by load_viewer, Front: Frame
}
later! {
    /// The dialog of a comparison of emoji.
    ComparisonDialog(DialogProps) of more by load_comparison, Front: Dialog
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

/// Sends a file of a chat, and reports how far it is.
type Sender = fn(OpenConversation, Going<File>, Report) -> LocalBoxFuture<'static, Result<(), Failure>>;
/// Told how far a file is; answers whether it is still wanted.
pub(crate) type Report = Box<dyn Fn(Stage) -> bool>;

#[wasm_split(more, fallible)]
fn load_sender() -> Result<Sender, SplitLoaderError> {
    Ok(|open, going, report| Box::pin(async move { open.send_file(&going, &*report).await }))
}

/// [`OpenConversation::send_file`].
pub(crate) async fn send_file(open: OpenConversation, going: Going<File>, report: Report) -> Result<(), Failure> {
    let send = load_sender().await.map_err(|_| Failure::Other(Trouble::Unreachable))?;
    send(open, going, report).await
}

/// Does a step of a comparison.
type Performer = fn(Comparison, Effect) -> LocalBoxFuture<'static, Result<(), Trouble>>;

#[wasm_split(more, fallible)]
fn load_performer() -> Result<Performer, SplitLoaderError> {
    Ok(|comparison, effect| Box::pin(async move { comparison.perform(effect).await }))
}

/// [`Comparison::perform`].
pub(crate) async fn perform(comparison: Comparison, effect: Effect) -> Result<(), Trouble> {
    let perform = load_performer().await.map_err(|_| Trouble::Unreachable)?;
    perform(comparison, effect).await
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
