//! The logic of one-to-one calls: a pure state machine between buttons, Matrix signalling and the browser's WebRTC.
//!
//! [`CallState::step`] takes one [`CallInput`] and gives the [`CallEffect`]s it leads to. No DOM, no network, no clock and
//! no randomness in here: `now_ms` goes with every step, ids come in from outside, and instead of timers there is
//! [`CallState::deadline_ms`], at which the driver steps [`CallInput::Tick`].

mod desk;
mod effect;
mod input;
mod link;
mod log;
mod media;
mod one;
mod path;
mod reason;
mod ring;
mod show;
pub mod signal;
mod summary;
mod view;

pub use effect::{CallEffect, Tone, Wanted};
pub use input::{
    BrowserRefused, CallInput, CaptureError, Chat, Connection, Described, Device, MediaId, PeerId, Received, Slot, Ticket,
    TrackKind,
};
pub use log::{CallLog, CallRecord, CallRow, duration_in_words};
pub use reason::{EndReason, ReasonClass};
pub use signal::Signal;
pub use summary::{Kind, Outcome, Summary};
pub use view::{CallView, Can, Direction, Notice, OwnMedia, Phase, Quality, RemoteMedia, Switch};

use desk::{Desk, Turn};
use one::{Call, Stage};
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
    desk: Desk,
    call: Option<Call>,
}

impl CallState {
    /// No call yet.
    pub fn new(me: Me, settings: Settings) -> Self {
        Self { desk: Desk::new(me, settings), call: None }
    }

    /// Takes one thing that happened at `now_ms` (any clock that does not go back) and says what is to be done, in order.
    pub fn step(&mut self, now_ms: u64, input: CallInput) -> Vec<CallEffect> {
        self.desk.started_ms.get_or_insert(now_ms);
        let mut turn = Turn { desk: &mut self.desk, now_ms, effects: Vec::new() };
        match input {
            CallInput::Start { call_id, chat, video } => start(&mut self.call, &mut turn, call_id, chat, video),
            CallInput::Received(received) => ring::receive(&mut self.call, &mut turn, received),
            CallInput::FoundLeftOver(left) => {
                if let Some(call) = self.call.as_mut().filter(|call| call.id == left.call_id) {
                    call.end_told(&mut turn, EndReason::PageClosed);
                }
                turn.bury(left);
            }
            CallInput::Dismiss => self.call = self.call.take().filter(Call::is_live),
            CallInput::Choose { device, device_id } => choose(self.call.as_mut(), &mut turn, device, device_id),
            CallInput::Captured { ticket, result } => captured(self.call.as_mut(), &mut turn, ticket, result),
            other => {
                if let Some(call) = self.call.as_mut().filter(|call| call.is_live()) {
                    call.on_button(&mut turn, &other);
                    call.on_report(&mut turn, other);
                }
            }
        }
        turn.effects
    }

    /// When [`CallInput::Tick`] is due, on the steps' clock; may change with every step.
    pub fn deadline_ms(&self) -> Option<u64> {
        self.call.as_ref()?.deadline_ms()
    }

    /// What the interface shows; `None` while there is no call and no ended one left to read.
    pub fn view(&self) -> Option<CallView> {
        self.call.as_ref().filter(|call| call.is_shown()).map(Call::view)
    }

    /// What has to be kept for the case that the page goes away now; `None` without a live call that the other side
    /// knows of.
    pub fn left_over(&self, now_ms: u64) -> Option<LeftOver> {
        self.call.as_ref()?.left_over(&self.desk.me.user_id, now_ms)
    }
}

/// The call button. While the same person's call rings here it is meant as "accept".
fn start(call: &mut Option<Call>, turn: &mut Turn<'_>, call_id: String, chat: Chat, video: bool) {
    match call {
        Some(live) if live.is_live() => {
            if live.chat.room_id == chat.room_id {
                live.on_button(turn, &CallInput::Accept { video });
            }
        }
        _ => {
            let kind = if video { Kind::Video } else { Kind::Voice };
            let mut placed = Call::new(call_id, chat, Direction::Outgoing, kind, Stage::Preparing);
            placed.deadline_ms = Some(turn.now_ms + turn.desk.settings.ring_ms);
            placed.open_media(turn, video);
            *call = Some(placed);
        }
    }
}

fn choose(call: Option<&mut Call>, turn: &mut Turn<'_>, device: Device, device_id: String) {
    if device == Device::Speaker {
        return turn.push(CallEffect::UseSpeaker { device_id });
    }
    turn.desk.choose(device, Some(device_id));
    if let Some(call) = call {
        call.choose(turn, device);
    }
}

/// What no call waits for any more is given back.
fn captured(call: Option<&mut Call>, turn: &mut Turn<'_>, ticket: Ticket, result: Result<(), CaptureError>) {
    let Some(slots) = turn.desk.answered_capture(ticket) else { return };
    match call.filter(|call| call.is_live()) {
        Some(call) => call.on_captured(turn, ticket, &slots, result),
        None if result.is_ok() => {
            for slot in slots {
                turn.push(CallEffect::Release { media: MediaId { ticket, slot } });
            }
        }
        None => {}
    }
}

impl Call {
    fn on_button(&mut self, turn: &mut Turn<'_>, button: &CallInput) {
        match (button, self.stage) {
            (CallInput::Accept { video }, Stage::Ringing) => {
                self.rings_at_ms = None;
                turn.play(Tone::Silence);
                // The deadline stays: an answer after the invite has expired reaches nobody.
                self.stage = Stage::Accepting;
                self.open_media(turn, *video);
            }
            (CallInput::Decline | CallInput::HangUp, Stage::Ringing | Stage::Accepting) => {
                self.end(turn, EndReason::Declined);
            }
            (CallInput::HangUp, Stage::Preparing | Stage::Inviting) => self.end(turn, EndReason::Cancelled),
            (CallInput::HangUp, _) => self.end(turn, EndReason::HungUp),
            (CallInput::SetMuted(muted), _) => self.set_muted(turn, *muted),
            (CallInput::SetCamera(on), _) => self.set_camera(turn, *on),
            (CallInput::SetSharing(on), _) => self.set_sharing(turn, *on),
            _ => {}
        }
    }

    fn on_report(&mut self, turn: &mut Turn<'_>, report: CallInput) {
        match report {
            CallInput::MediaEnded { media } => self.on_media_ended(turn, media),
            CallInput::Described { ticket, result } => self.on_described(turn, ticket, result),
            CallInput::RemoteSet { ticket, result } => self.on_remote_set(turn, ticket, result),
            CallInput::Sent { ticket, ok: false } if self.first_send == Some(ticket) => self.end(turn, EndReason::NotSent),
            CallInput::Candidate { peer, candidate } => self.on_candidate(turn, peer, candidate),
            CallInput::NegotiationNeeded { peer } => self.on_negotiation_needed(turn, peer),
            CallInput::Connection { peer, state } => self.on_connection(turn, peer, state),
            CallInput::RemoteTrack { peer, stream_id, kind, live } => self.on_remote_track(peer, stream_id, kind, live),
            CallInput::Measured { peer, loss_permille, rtt_ms } => self.on_measured(peer, loss_permille, rtt_ms),
            CallInput::NetworkChanged => self.on_network_changed(turn),
            CallInput::Tick => self.on_tick(turn),
            _ => {}
        }
    }

    fn on_remote_track(&mut self, peer: PeerId, stream_id: String, kind: TrackKind, live: bool) {
        if self.link.as_ref().is_none_or(|link| link.peer != peer) || stream_id.len() > signal::MAX_ID_LEN {
            return;
        }
        let track = (stream_id, kind);
        if !live {
            self.remote_tracks.remove(&track);
        } else if self.remote_tracks.len() < 2 * signal::MAX_STREAMS {
            self.remote_tracks.insert(track);
        }
    }
}
