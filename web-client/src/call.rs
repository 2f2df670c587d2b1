//! Calls as the rest of the page knows them: what is shown, and what can be pressed. What does the work, the driver of
//! [`driver`], is loaded once the chats are shown; until then nothing can be called and nothing rings.

mod drive;
mod driver;
pub(crate) mod media;
mod outlet;
mod own;
mod peer;
mod post;
mod reports;
mod stats;
mod tones;

use std::{
    cell::{Cell, OnceCell},
    rc::Rc,
};

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::call::{CallButton, CallInput, CallView, Chat, Device, MediaId, Slot, call_id};
use web_sys::MediaStream;

use crate::{browser, client::Account, task::lasting};
pub(crate) use drive::now_ms;
use drive::{Drive, Shown, choose, chosen};

/// How long to wait before a driver that could not be loaded is asked for again, in milliseconds.
const LOAD_AGAIN_MS: u32 = 5_000;

/// All there is of calls, in one place for the life of the account. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Calls {
    /// What is shown; `None` while there is no call.
    pub(crate) view: Signal<Option<CallView>>,
    /// Goes up when a stream came or went, for what shows streams.
    pub(crate) streams: Signal<u64>,
    is_loaded: Signal<bool>,
    driver: Rc<OnceCell<Rc<dyn Drive>>>,
    /// Whether the keys of calls mean something.
    has_keys: Rc<Cell<bool>>,
    /// Whether the browser has what calls need.
    can_connect: bool,
}

impl PartialEq for Calls {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.driver, &other.driver)
    }
}

impl Calls {
    /// Calls that nothing drives yet.
    pub(crate) fn new() -> Self {
        Self {
            view: lasting(None),
            streams: lasting(0),
            is_loaded: lasting(false),
            driver: Rc::default(),
            has_keys: Rc::default(),
            can_connect: media::can_connect(),
        }
    }

    /// Loads the driver and runs it, for as long as it is polled; to be used once.
    pub(crate) async fn run(self, account: Account) {
        let begin = loop {
            match driver::load_driver().await {
                Ok(begin) => break begin,
                Err(_) => TimeoutFuture::new(LOAD_AGAIN_MS).await,
            }
        };
        let Self { view, streams, has_keys, can_connect, .. } = self.clone();
        let begun = begin(account, Shown { view, streams, has_keys, can_connect });
        if self.driver.set(begun.drive).is_err() {
            return;
        }
        let mut is_loaded = self.is_loaded;
        is_loaded.set(true);
        begun.running.await;
    }

    /// Calls somebody.
    pub(crate) fn start(&self, chat: Chat, video: bool) {
        self.step(CallInput::Start { call_id: call_id(browser::random()), chat, video });
    }

    /// Chooses a device, for now and for later.
    pub(crate) fn choose(&self, device: Device, device_id: String) {
        choose(device, &device_id);
        self.step(CallInput::Choose { device, device_id });
    }

    /// The device in use, or else the one chosen last. The one that a browser picks by itself may stand anywhere in its
    /// list, and one that is shown as chosen cannot be chosen.
    pub(crate) fn device(&self, device: Device) -> Option<String> {
        let slot = match device {
            Device::Microphone => Some(Slot::Microphone),
            Device::Camera => Some(Slot::Camera),
            Device::Speaker => None,
        };
        slot.and_then(|slot| self.driver.get()?.device(slot)).or_else(|| chosen(device))
    }

    /// What a button that calls this person does now.
    pub(crate) fn button(&self, user_id: &str) -> CallButton {
        match CallButton::of(self.view.read().as_ref(), user_id, self.can_connect) {
            CallButton::Calls if !(self.is_loaded)() => CallButton::Coming,
            does => does,
        }
    }

    /// Ends everything, because the account is about to be closed here.
    pub(crate) fn close(&self) {
        if let Some(driver) = self.driver.get() {
            driver.close();
        }
    }

    /// One's own medium, to preview it.
    pub(crate) fn own_stream(&self, media: MediaId) -> Option<MediaStream> {
        self.driver.get()?.own_stream(media)
    }

    /// A stream of the other side.
    pub(crate) fn remote_stream(&self, id: &str) -> Option<MediaStream> {
        self.driver.get()?.remote_stream(id)
    }

    /// Whether the keys of calls mean something now.
    pub(crate) fn has_keys(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.has_keys)
    }

    /// Hands an input to the machine, within the caller's turn. What comes before there is a driver is no call's.
    pub(crate) fn step(&self, input: CallInput) {
        if let Some(driver) = self.driver.get() {
            driver.step(input);
        }
    }
}
