//! Files that parts of the page show or save. A screen says how they are fetched, because only screens know the account.

use std::rc::Rc;

use dioxus::prelude::*;
use futures_util::future::LocalBoxFuture;
use hearth_web_state::{
    files::{Failure, clean_name},
    message::{File, Media},
};

use super::icon::{Icon, Shape};
use crate::browser::files::{Kept, ObjectUrl, save};

/// What is only saved has this type, whatever its sender says: no browser opens it.
pub(crate) const SAVED_TYPE: &str = "application/octet-stream";

/// Fetches a file as one of a type; the signal is told how many bytes there are.
type Fetching = dyn Fn(Media, &'static str, Signal<u64>) -> LocalBoxFuture<'static, Result<Kept, Failure>>;

/// How files are fetched. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Fetch(pub(crate) Rc<Fetching>);

/// How far a file is that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Loaded {
    /// Nobody has asked for it yet.
    No,
    /// It is on its way.
    Coming,
    /// It is here, and has this address until it is not shown any more.
    Here(Rc<ObjectUrl>),
    /// It cannot be shown.
    Failed(Failure),
}

/// A file and how far it is. Copying shares it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Loading {
    /// How far it is.
    pub(crate) state: Signal<Loaded>,
    /// How many bytes there are.
    pub(crate) bytes: Signal<u64>,
    /// Begins to fetch it, unless that was done.
    pub(crate) start: Callback<()>,
}

impl Loading {
    /// Its address, once it is here.
    pub(crate) fn url(self) -> Option<Rc<ObjectUrl>> {
        match &*self.state.read() {
            Loaded::Here(url) => Some(url.clone()),
            _ => None,
        }
    }

    /// Why it cannot be shown.
    pub(crate) fn failure(self) -> Option<Failure> {
        match &*self.state.read() {
            Loaded::Failed(failure) => Some(*failure),
            _ => None,
        }
    }

    /// How much of `size` bytes there is, in percent.
    pub(crate) fn percent(self, size: Option<u64>) -> Option<u64> {
        size.filter(|size| *size > 0).map(|size| ((self.bytes)() * 100 / size).min(100))
    }
}

/// A file to be shown as the type `mime`. It goes with the part of the page that asked for it.
pub(crate) fn use_file(media: Option<Media>, mime: &'static str) -> Loading {
    let fetch = use_context::<Fetch>();
    let mut state = use_signal(|| Loaded::No);
    let bytes = use_signal(|| 0);
    let start = use_callback(move |()| {
        let is_begun = matches!(*state.peek(), Loaded::Coming | Loaded::Here(_));
        let Some(media) = media.clone().filter(|_| !is_begun) else { return };
        state.set(Loaded::Coming);
        let fetching = (fetch.0)(media, mime, bytes);
        spawn(async move {
            let url = fetching.await.and_then(|file| ObjectUrl::of(&file).ok_or(Failure::Unreadable));
            state.set(url.map_or_else(Loaded::Failed, |url| Loaded::Here(Rc::new(url))));
        });
    });
    Loading { state, bytes, start }
}

/// Fetches a file and saves it under its own name. It says how far it is.
#[component]
pub(crate) fn Download(file: File) -> Element {
    let fetch = use_context::<Fetch>();
    let bytes = use_signal(|| 0);
    let mut busy = use_signal(|| false);
    let mut failure = use_signal(|| None::<Failure>);
    let name = clean_name(&file.name);
    let size = file.size;
    let media = file.media.clone();
    let saved_as = name.clone();
    let onclick = move |_| {
        let Some(media) = media.clone().filter(|_| !*busy.peek()) else { return };
        let fetching = (fetch.0)(media, SAVED_TYPE, bytes);
        let name = saved_as.clone();
        busy.set(true);
        failure.set(None);
        spawn(async move {
            match fetching.await {
                Ok(file) => save(&file, &name),
                Err(found) => failure.set(Some(found)),
            }
            busy.set(false);
        });
    };
    let percent = size.filter(|size| *size > 0).map(|size| (bytes() * 100 / size).min(100));
    rsx! {
        if file.media.is_some() {
            button { class: "icon-button", r#type: "button", "aria-label": "Download {name}", title: "Download", onclick,
                Icon { shape: Shape::Download }
            }
        }
        if busy() {
            span { class: "file-state", role: "status", if let Some(percent) = percent { "{percent} %" } else { "Fetching…" } }
        }
        if let Some(failure) = failure() { p { class: "file-failed", role: "alert", "{failure.words()}" } }
    }
}
