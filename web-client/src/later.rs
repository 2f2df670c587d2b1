//! Parts of the program that are loaded when they are first shown, so that nobody waits for what most never open.
//!
//! The functions that are marked with `wasm_split` are where the module is taken apart while it is packed (`bindgen`): what only they
//! need becomes a file of its own. They give what is asked for and do not run it, because only loading may take time. There are two
//! parts: `call`, which is loaded ahead, and `more`. Smaller ones would share much, and what is shared becomes files too.

use std::future::Future;

use dioxus::prelude::*;
use futures_util::FutureExt;
use wasm_split_helpers::SplitLoaderError;

use crate::{
    browser,
    components::notice::{Notice, Tone},
};

/// What a part gives: a component.
pub(crate) type Loaded<P> = Result<fn(P) -> Element, SplitLoaderError>;

/// A component `$name` that shows `$component`, which is loaded with the part `$part`. It is declared beside what it shows.
macro_rules! later {
    ($(#[$doc:meta])* $name:ident($props:ty) of $part:ident by $load:ident, $place:ident: $component:expr) => {
        #[::wasm_split_helpers::wasm_split($part, fallible)]
        fn $load() -> $crate::later::Loaded<$props> {
            Ok($component)
        }

        $(#[$doc])*
        #[component]
        pub(crate) fn $name(props: $props) -> Element {
            $crate::later::use_part($load, props, $crate::later::Place::$place)
        }
    };
}

pub(crate) use later;

/// Where a part is shown.
#[derive(Clone, Copy)]
pub(crate) enum Place {
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
pub(crate) fn use_part<P: 'static, F>(load: fn() -> F, props: P, place: Place) -> Element
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
