//! The logic of one-to-one calls: a pure state machine between buttons, Matrix signalling and the browser's WebRTC.
//!
//! [`CallState::step`] takes one [`CallInput`] and gives the [`CallEffect`]s it leads to. No DOM, no network, no clock and
//! no randomness in here: `now_ms` goes with every step, ids come in from outside, and instead of timers there is
//! [`CallState::deadline_ms`], at which the driver steps [`CallInput::Tick`].

mod effect;
mod input;
mod reason;
pub mod signal;
mod summary;
mod view;

pub use effect::{CallEffect, Tone, Wanted};
pub use input::{
    BrowserRefused, CallInput, CaptureError, Chat, Connection, Described, Device, MediaId, PeerId, Received, Slot, Ticket,
    TrackKind,
};
pub use reason::{EndReason, ReasonClass};
pub use signal::Signal;
pub use summary::{Kind, Outcome, Summary};
pub use view::{CallView, Can, Direction, Notice, OwnMedia, Phase, Quality, RemoteMedia, Switch};

use serde::{Deserialize, Serialize};

/// Who runs this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// One's own user id.
    pub user_id: String,
    /// This device's id, which is its party id in every call.
    pub party_id: String,
}

/// Bounds in time, in milliseconds. Tests shorten them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long an own invite rings.
    pub ring_ms: u64,
    /// How long a call may be "connecting" after it was answered.
    pub connect_ms: u64,
    /// How long a broken connection may take to come back.
    pub reconnect_ms: u64,
    /// How often a new path is asked for meanwhile.
    pub restart_every_ms: u64,
    /// How long an offer or answer waits for candidates to carry.
    pub gather_ms: u32,
    /// How long candidates are gathered into one signal.
    pub batch_ms: u64,
    /// After which time the server may erase signalling.
    pub signal_kept_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ring_ms: 60_000,
            connect_ms: 25_000,
            reconnect_ms: 30_000,
            restart_every_ms: 5_000,
            gather_ms: 200,
            batch_ms: 250,
            signal_kept_ms: 60 * 60_000,
        }
    }
}

/// A call that was live when the page went away. The driver keeps the latest one in the browser's storage, and steps it
/// in as [`CallInput::FoundLeftOver`] at the next start, so that the other side is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOver {
    /// The room.
    pub room_id: String,
    /// The call.
    pub call_id: String,
    /// What its last message will say.
    pub summary: Summary,
}

/// The id of a new call from 128 random bits.
pub fn call_id(random: u128) -> String {
    format!("{random:032x}")
}

/// The calls of one device: at most one is live.
#[derive(Clone, Debug)]
pub struct CallState {
    me: Me,
    settings: Settings,
}

impl CallState {
    /// No call yet.
    pub fn new(me: Me, settings: Settings) -> Self {
        Self { me, settings }
    }

    /// Takes one thing that happened at `now_ms` (any clock that does not go back) and says what is to be done, in order.
    pub fn step(&mut self, now_ms: u64, input: CallInput) -> Vec<CallEffect> {
        let _ = (now_ms, input, &self.me, self.settings);
        Vec::new()
    }

    /// When [`CallInput::Tick`] is due, on the steps' clock; may change with every step.
    pub fn deadline_ms(&self) -> Option<u64> {
        None
    }

    /// What the interface shows; `None` while there is no call and no ended one left to read.
    pub fn view(&self) -> Option<CallView> {
        None
    }

    /// What has to be kept for the case that the page goes away now; `None` without a live call that the other side
    /// knows of.
    pub fn left_over(&self, now_ms: u64) -> Option<LeftOver> {
        let _ = now_ms;
        None
    }
}
