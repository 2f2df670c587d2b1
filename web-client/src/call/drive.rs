//! Between calls as the page knows them and their driver, which is loaded later.

use std::{cell::Cell, future::Future, pin::Pin, rc::Rc};

use dioxus::prelude::*;
use hearth_web_state::call::{CallInput, CallView, Device, MediaId, Slot};
use js_sys::Date;
use web_sys::MediaStream;

use crate::browser;

/// What the driver keeps up to date for the page. Cloning shares it.
#[derive(Clone)]
pub(super) struct Shown {
    /// What is shown; `None` while there is no call.
    pub(super) view: Signal<Option<CallView>>,
    /// Goes up when a stream came or went, for what shows streams.
    pub(super) streams: Signal<u64>,
    /// Whether the keys of calls mean something.
    pub(super) has_keys: Rc<Cell<bool>>,
    /// Whether the browser has what calls need.
    pub(super) can_connect: bool,
}

/// What the page asks of the driver.
pub(super) trait Drive {
    /// Hands an input to the machine and runs what it asks for, within the caller's turn: browsers allow some of it only
    /// during a click.
    fn step(&self, input: CallInput);
    /// The device in use.
    fn device(&self, slot: Slot) -> Option<String>;
    /// One's own medium.
    fn own_stream(&self, media: MediaId) -> Option<MediaStream>;
    /// A stream of the other side.
    fn remote_stream(&self, id: &str) -> Option<MediaStream>;
    /// Ends everything.
    fn close(&self);
}

/// A driver that has been opened.
pub(super) struct Begun {
    /// What is asked of it.
    pub(super) drive: Rc<dyn Drive>,
    /// Follows the chats and the browser, for as long as it is polled.
    pub(super) running: Pin<Box<dyn Future<Output = ()>>>,
}

/// Where the device chosen last is remembered.
fn key(device: Device) -> &'static str {
    match device {
        Device::Microphone => "hearth.microphone",
        Device::Camera => "hearth.camera",
        Device::Speaker => "hearth.speaker",
    }
}

/// The device chosen last.
pub(super) fn chosen(device: Device) -> Option<String> {
    browser::stored(key(device))
}

/// Remembers a device for later calls.
pub(super) fn choose(device: Device, device_id: &str) {
    browser::store(key(device), device_id);
}

/// The clock of the steps, in milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> u64 {
    Date::now() as u64
}
