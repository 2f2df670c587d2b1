//! The logic of one-to-one calls: a pure state machine between buttons, Matrix signalling and the browser's WebRTC.
//!
//! [`CallState::step`] takes one [`CallInput`] and gives the [`CallEffect`]s it leads to. No DOM, no network, no clock and
//! no randomness in here: `now_ms` goes with every step, ids come in from outside, and instead of timers there is
//! [`CallState::deadline_ms`], at which the driver steps [`CallInput::Tick`].

mod buttons;
mod desk;
mod effect;
mod input;
mod left_over;
mod link;
mod log;
mod media;
mod negotiate;
mod one;
mod path;
mod reason;
mod ring;
mod settings;
mod show;
pub mod signal;
mod summary;
mod view;

pub use effect::{CallEffect, Tone, Wanted};
pub use input::{
    BrowserRefused, CallInput, CaptureError, Chat, Connection, Described, Device, MediaId, PeerId, Received, Slot, Ticket,
    TrackKind,
};
pub use left_over::LeftOver;
pub use log::{CallLog, CallRecord, CallRow, duration_in_words};
pub use reason::{EndReason, ReasonClass};
pub use settings::{Me, Settings};
pub use signal::Signal;
pub use summary::{Kind, Outcome, Summary};
pub use view::{CallButton, CallView, Can, Direction, Notice, OwnMedia, Phase, Quality, RemoteMedia, Switch};

use desk::{Desk, Turn};
use one::Call;

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
        let (call, to) = (&mut self.call, &mut turn);
        // Every input by its name: one that is added is not forgotten here.
        match input {
            CallInput::Start { call_id, chat, video } => buttons::start(call, to, call_id, chat, video),
            CallInput::Accept { video } => live(call, |call| call.accept(to, video)),
            CallInput::Decline => live(call, |call| call.decline(to)),
            CallInput::HangUp => live(call, |call| call.hang_up(to)),
            CallInput::Dismiss => *call = call.take().filter(Call::is_live),
            CallInput::SetMuted(muted) => live(call, |call| call.set_muted(to, muted)),
            CallInput::SetCamera(on) => live(call, |call| call.set_camera(to, on)),
            CallInput::SetSharing(on) => live(call, |call| call.set_sharing(to, on)),
            CallInput::Choose { device, device_id } => choose(call, to, device, device_id),
            CallInput::Received(received) => ring::receive(call, to, received),
            CallInput::FoundLeftOver(left) => found(call, to, left),
            CallInput::Captured { ticket, result } => captured(call.as_mut(), to, ticket, result),
            CallInput::MediaEnded { media } => live(call, |call| call.on_media_ended(to, media)),
            CallInput::Described { ticket, result } => live(call, |call| call.on_described(to, ticket, result)),
            CallInput::RemoteSet { ticket, result } => live(call, |call| call.on_remote_set(to, ticket, result)),
            CallInput::Sent { ticket, ok } => sent(call, to, ticket, ok),
            CallInput::Candidate { peer, candidate } => live(call, |call| call.on_candidate(to, peer, candidate)),
            CallInput::NegotiationNeeded { peer } => live(call, |call| call.on_negotiation_needed(to, peer)),
            CallInput::Connection { peer, state } => live(call, |call| call.on_connection(to, peer, state)),
            CallInput::RemoteTrack { peer, stream_id, kind, live: is_live } => {
                live(call, |call| call.on_remote_track(peer, stream_id, kind, is_live));
            }
            CallInput::Measured { peer, loss_permille, rtt_ms } => {
                live(call, |call| call.on_measured(peer, loss_permille, rtt_ms));
            }
            CallInput::NetworkChanged => live(call, |call| call.on_network_changed(to)),
            CallInput::PageClosed => live(call, |call| call.on_page_closed(to)),
            CallInput::Tick => live(call, |call| call.on_tick(to)),
        }
        turn.effects
    }

    /// When [`CallInput::Tick`] is due, on the steps' clock; may change with every step.
    pub fn deadline_ms(&self) -> Option<u64> {
        self.call.as_ref()?.deadline_ms()
    }

    /// What the interface shows; `None` while there is no call and no ended one left to read.
    pub fn view(&self) -> Option<CallView> {
        let can_connect = self.desk.settings.can_connect;
        self.call.as_ref().filter(|call| call.is_shown()).map(|call| call.view(can_connect))
    }

    /// What has to be kept for the case that the page goes away now: `None` without a call that the other side knows of, and
    /// once the end of it is sent.
    pub fn left_over(&self, now_ms: u64) -> Option<LeftOver> {
        let of_call = self.call.as_ref().and_then(|call| call.left_over(&self.desk.me.user_id, now_ms));
        of_call.or_else(|| self.desk.farewell.as_ref().map(|(_, left_over)| left_over.clone()))
    }
}

/// What is about a call in progress means nothing without one.
fn live(call: &mut Option<Call>, act: impl FnOnce(&mut Call)) {
    if let Some(call) = call.as_mut().filter(|call| call.is_live()) {
        act(call);
    }
}

fn choose(call: &mut Option<Call>, turn: &mut Turn<'_>, device: Device, device_id: String) {
    if device == Device::Speaker {
        return turn.push(CallEffect::UseSpeaker { device_id });
    }
    turn.desk.choose(device, Some(device_id));
    live(call, |call| call.choose(turn, device));
}

fn found(call: &mut Option<Call>, turn: &mut Turn<'_>, left: LeftOver) {
    if let Some(call) = call.as_mut().filter(|call| call.id == left.call_id) {
        call.end_told(turn, EndReason::PageClosed);
    }
    turn.bury(left);
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

/// Only an invite or an answer that cannot be sent ends the call. A last word that could not be sent waits where it is not lost,
/// as the driver sees to.
fn sent(call: &mut Option<Call>, turn: &mut Turn<'_>, ticket: Ticket, ok: bool) {
    turn.desk.farewell.take_if(|(farewell, _)| *farewell == ticket);
    live(call, |call| {
        if !ok && call.first_send == Some(ticket) {
            call.end(turn, EndReason::NotSent);
        }
    });
}

impl Call {
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
