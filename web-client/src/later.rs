//! Parts of the program that are loaded when they are first shown, so that nobody waits for what most never open.
//!
//! The functions that are marked with `wasm_split` are where the module is taken apart while it is packed (`bindgen`): what only they
//! need becomes a file of its own. They give what is asked for and do not run it, because only loading may take time. There are three
//! parts: `call`, which is loaded ahead, `admin`, which most people never open, and `more`. Smaller ones would share much, and what is
//! shared becomes files too.

use std::{any::Any, future::Future, pin::Pin, rc::Rc};

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

/// What became of a part. Only who asks for one knows what kind of component is there.
#[derive(Clone)]
enum Part {
    Coming,
    There(Rc<dyn Any>),
    Failed,
}

impl From<Option<Rc<dyn Any>>> for Part {
    fn from(loaded: Option<Rc<dyn Any>>) -> Self {
        loaded.map_or(Self::Failed, Self::There)
    }
}

/// The loading of a part; nothing if it fails.
type Loading = Pin<Box<dyn Future<Output = Option<Rc<dyn Any>>>>>;

/// Shows a part as if it were written in the component that calls this, which has no other hooks. What was loaded before is shown at once.
pub(crate) fn use_part<P: 'static, F>(load: fn() -> F, props: P, place: Place) -> Element
where
    F: Future<Output = Loaded<P>> + 'static,
{
    let begin = move || -> Loading {
        let loading = load();
        Box::pin(async move { loading.await.ok().map(|render| Rc::new(render) as Rc<dyn Any>) })
    };
    match use_loaded(Box::new(begin), place) {
        Ok(there) => there.downcast_ref::<fn(P) -> Element>().map_or_else(|| rsx! {}, |render| render(props)),
        Err(meanwhile) => meanwhile,
    }
}

/// The part once it is there, and what is shown until then. One function for all of them: one for each would be larger than some parts.
fn use_loaded(load: Box<dyn Fn() -> Loading>, place: Place) -> Result<Rc<dyn Any>, Element> {
    let mut part = use_signal(|| Part::Coming);
    let begin = use_callback(move |()| {
        let mut loading = load();
        if let Some(loaded) = (&mut loading).now_or_never() {
            part.set(loaded.into());
            return;
        }
        part.set(Part::Coming);
        spawn(async move { part.set(loading.await.into()) });
    });
    use_hook(|| begin.call(()));
    match &*part.read() {
        Part::There(there) => Ok(Rc::clone(there)),
        Part::Coming => Err(wait(place)),
        Part::Failed => Err(failed(place, begin)),
    }
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
