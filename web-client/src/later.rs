//! Parts of the program that are loaded when they are first shown, so that nobody waits for what most never open.
//!
//! Each function here is where the module is taken apart while it is packed (`bindgen`): what only it needs becomes a file of its own.
//! They give the component instead of what it shows, because only that may be loaded in between.

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
        conversation::viewer::{Frame, FrameProps},
        recovery, settings,
        verification::{Dialog, DialogProps},
    },
};

/// What a part gives: its component.
type Loaded<P> = Result<fn(P) -> Element, SplitLoaderError>;

#[wasm_split(settings, fallible)]
fn load_settings() -> Loaded<()> {
    Ok(|()| settings::SettingsPane())
}

#[wasm_split(recovery, fallible)]
fn load_recovery() -> Loaded<()> {
    Ok(|()| recovery::RecoveryPane())
}

#[wasm_split(emoji, fallible)]
fn load_emoji() -> Loaded<ChoiceProps> {
    Ok(Choice)
}

#[wasm_split(viewer, fallible)]
fn load_viewer() -> Loaded<FrameProps> {
    Ok(Frame)
}

#[wasm_split(comparison, fallible)]
fn load_comparison() -> Loaded<DialogProps> {
    Ok(Dialog)
}

/// A picture, large.
#[component]
pub(crate) fn LargePicture(props: FrameProps) -> Element {
    use_part(load_viewer, props)
}

/// The dialog of a comparison.
#[component]
pub(crate) fn ComparisonDialog(props: DialogProps) -> Element {
    use_part(load_comparison, props)
}

/// The settings.
#[component]
pub(crate) fn SettingsPane() -> Element {
    use_part(load_settings, ())
}

/// The recovery key of who is logged in.
#[component]
pub(crate) fn RecoveryPane() -> Element {
    use_part(load_recovery, ())
}

/// What there is to choose among emoji.
#[component]
pub(crate) fn EmojiChoice(props: ChoiceProps) -> Element {
    use_part(load_emoji, props)
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

/// Shows a part as if it were written in the component that calls this, last of its hooks. What is there already is shown at once.
fn use_part<P: 'static, F>(load: fn() -> F, props: P) -> Element
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
    let there = match &*part.read() {
        Part::There(render) => Ok(*render),
        Part::Coming => Err(false),
        Part::Failed => Err(true),
    };
    match there {
        Ok(render) => render(props),
        Err(false) => rsx! { p { class: "part-wait", role: "status", "Loading…" } },
        Err(true) => rsx! {
            Notice { tone: Tone::Trouble, text: "This could not be loaded. You may be offline, or there is a newer Hearth.".to_owned(),
                button { class: "button button-quiet", r#type: "button", onclick: move |_| begin.call(()), "Try again" }
                button { class: "button button-quiet", r#type: "button", onclick: move |_| browser::reload(), "Reload" }
            }
        },
    }
}
