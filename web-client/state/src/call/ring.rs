//! What signals do: ringing, answering, who of several devices it is, and both calling at once.

use super::{
    Chat, Direction, EndReason, Kind, Outcome, Received, Signal, Slot, Summary, Tone,
    desk::Turn,
    one::{Call, Stage},
    signal::{Body, Invite, NO_PARTY, Purpose, Streams},
};

/// An invite that could ring for less than this does not ring.
const MIN_RING_MS: u64 = 2_000;
/// An invite younger than this rings at once.
const FRESH_MS: u64 = 3_000;
/// How long an older one waits for what may have ended it, as when many messages are read at once after a start.
const SETTLED_AFTER_MS: u64 = 800;
/// How long a dropped call waits for the one that replaces it.
const SUCCESSOR_WITHIN_MS: u64 = 10_000;

/// A signal belongs to the call that is there, or to none.
pub(super) fn receive(call: &mut Option<Call>, turn: &mut Turn<'_>, received: Received) {
    if !received.sender_joined || !turn.desk.is_new(&received.event_id) {
        return;
    }
    let own = received.sender == turn.desk.me.user_id;
    let echo = own && received.signal.party_id == turn.desk.me.party_id;
    match call {
        Some(call) if call.is_live() && call.concerns(&received) => {
            if echo {
                call.on_echo(turn, &received.signal.body);
            } else if own {
                call.on_other_device(turn, &received.signal);
            } else if received.sender == call.chat.user_id {
                call.on_signal(turn, received.signal, received.taken_at_ms);
            }
        }
        _ => receive_other(call, turn, received, own),
    }
}

/// A signal of a call that is not, or not yet, the one that is there.
fn receive_other(call: &mut Option<Call>, turn: &mut Turn<'_>, received: Received, own: bool) {
    let Signal { call_id, body, .. } = &received.signal;
    if turn.desk.is_over(&received.room_id, call_id) {
        return;
    }
    match body {
        Body::Invite(invite) if !own => {
            let invite = invite.clone();
            on_invite(call, turn, received, invite);
        }
        // Own answers, too: they are another device's, or this one's from before a reload.
        Body::Hangup { .. } | Body::Reject { .. } => turn.desk.set_over(&received.room_id, call_id),
        Body::Answer { .. } if own => turn.desk.set_over(&received.room_id, call_id),
        Body::Candidates(candidates) if !own => {
            turn.desk.keep_early(&received.sender, &received.signal, candidates.clone());
        }
        _ => {}
    }
}

fn on_invite(call: &mut Option<Call>, turn: &mut Turn<'_>, received: Received, invite: Invite) {
    let for_me = invite.invitee.as_ref().is_none_or(|invitee| *invitee == turn.desk.me.user_id);
    let left_ms = invite.lifetime_ms.saturating_sub(received.age_ms);
    if !for_me || left_ms < MIN_RING_MS {
        return;
    }
    if let Some(broken) = call.as_mut().filter(|call| call.is_given_up_by(&received)) {
        broken.end(turn, EndReason::ConnectionLost);
    }
    match call {
        Some(live) if live.is_live() => {
            if !live.is_glare(&received) {
                let Received { room_id, sender: user_id, sender_name: name, signal, .. } = received;
                let is_legacy = signal.party_id == NO_PARTY;
                let chat = Chat { room_id, user_id, name };
                return turn_away(turn, &chat, &signal.call_id, kind_of(&invite), is_legacy);
            }
            if live.yields_to(&received.signal.call_id) {
                let accepted = incoming(turn.desk, received, invite, Stage::Accepting);
                *call = Some(live.replaced_by(turn, accepted, left_ms));
            } else {
                turn.desk.set_over(&received.room_id, &received.signal.call_id);
            }
        }
        _ => {
            // Just after the start everything may be history.
            let is_fresh = received.age_ms < FRESH_MS && turn.now_ms >= turn.desk.started_ms.unwrap_or(0) + FRESH_MS;
            let mut ringing = incoming(turn.desk, received, invite, Stage::Ringing);
            ringing.deadline_ms = Some(turn.now_ms + left_ms);
            ringing.rings_at_ms = Some(turn.now_ms + SETTLED_AFTER_MS);
            if is_fresh {
                ringing.ring(turn);
            }
            *call = Some(ringing);
        }
    }
}

fn incoming(desk: &mut super::desk::Desk, received: Received, invite: Invite, stage: Stage) -> Call {
    let Received { room_id, sender, sender_name, signal, .. } = received;
    let early = desk.take_early(&sender, &signal.call_id);
    let kind = kind_of(&invite);
    let chat = Chat { room_id, user_id: sender, name: sender_name };
    let mut call = Call::new(signal.call_id, chat, Direction::Incoming, kind, stage);
    call.other_party = Some(signal.party_id);
    call.offer = Some(invite.sdp);
    call.remote_streams = invite.streams;
    for (party_id, candidates) in early {
        call.keep_early(&party_id, candidates);
    }
    call
}

/// A call is one with video when the caller sends any.
pub(super) fn kind_of(invite: &Invite) -> Kind {
    let has_section = invite.sdp.lines().any(|line| line.starts_with("m=video"));
    let mut users = invite.streams.values().filter(|stream| stream.purpose == Purpose::Usermedia).peekable();
    let shown = users.peek().is_none() || users.any(|stream| !stream.video_muted);
    if has_section && shown { Kind::Video } else { Kind::Voice }
}

/// One call at a time: whoever calls from `chat` is told so.
pub(super) fn turn_away(turn: &mut Turn<'_>, chat: &Chat, call_id: &str, kind: Kind, is_legacy: bool) {
    let caller = Some(chat.user_id.clone());
    let summary = Summary { kind, outcome: Outcome::Busy, duration_ms: 0, answered: false, caller };
    turn.desk.set_over(&chat.room_id, call_id);
    turn.send(&chat.room_id, call_id, Body::refusal(Some("user_busy"), Some(summary), is_legacy));
}

/// What a hangup or reject of the other side means here.
fn told(stage: Stage, reason: Option<&str>, rejected: bool) -> EndReason {
    let early = matches!(stage, Stage::Ringing | Stage::Accepting);
    match reason {
        Some("invite_timeout") if early => EndReason::Missed,
        Some("replaced") if early => EndReason::AnsweredElsewhere,
        Some("user_busy") => EndReason::OtherBusy,
        Some("user_media_failed" | "no_user_media") => EndReason::OtherNoMicrophone,
        Some("ice_failed") if matches!(stage, Stage::Connecting) => EndReason::NoPath,
        Some("ice_failed" | "ice_timeout") => EndReason::ConnectionLost,
        None | Some("user_hangup" | "answered_elsewhere") if rejected => EndReason::OtherDeclined,
        None | Some("user_hangup" | "answered_elsewhere") if early => EndReason::OtherCancelled,
        None | Some("user_hangup" | "answered_elsewhere") => EndReason::OtherHungUp,
        Some(_) => EndReason::OtherFailed,
    }
}

impl Call {
    fn concerns(&self, received: &Received) -> bool {
        self.id == received.signal.call_id && self.chat.room_id == received.room_id
    }

    fn is_glare(&self, received: &Received) -> bool {
        matches!(self.stage, Stage::Preparing | Stage::Inviting)
            && self.chat.room_id == received.room_id
            && self.chat.user_id == received.sender
    }

    /// Whether the other side is on to the next call while this one still stands here: its page was loaded anew, or it calls
    /// back from another device because the path is gone.
    fn is_given_up_by(&self, received: &Received) -> bool {
        let is_same_party = self.other_party.as_ref() == Some(&received.signal.party_id);
        self.chat.user_id == received.sender && (self.stage == Stage::Reconnecting || (self.is_answered() && is_same_party))
    }

    /// Whether the other side speaks version 0, in which nothing is negotiated any more once a call is answered.
    pub(super) fn is_legacy(&self) -> bool {
        self.other_party.as_deref() == Some(NO_PARTY)
    }

    /// An invite that is out yields to a lower id; one that is not yet out yields anyway ("Glare" in the spec).
    fn yields_to(&self, call_id: &str) -> bool {
        self.stage == Stage::Preparing || self.successor_due || *call_id < *self.id
    }

    /// Accepts the other side's call in place of one's own, with the devices that are open already.
    fn replaced_by(&mut self, turn: &mut Turn<'_>, mut call: Self, left_ms: u64) -> Self {
        if self.stage == Stage::Inviting && !self.successor_due {
            let summary = Some(self.summary(&turn.desk.me.user_id, Outcome::Replaced, turn.now_ms));
            self.send(turn, Body::Hangup { reason: Some("replaced".into()), summary });
        }
        self.close_link(turn);
        turn.desk.set_over(&self.chat.room_id, &self.id);
        turn.play(Tone::Silence);
        call.media = std::mem::take(&mut self.media);
        call.notice = self.notice.take();
        call.deadline_ms = Some(turn.now_ms + left_ms);
        if call.media.live.contains_key(&Slot::Microphone) {
            call.proceed(turn);
        } else if !call.media.pending.contains_key(&Slot::Microphone) {
            call.open_media(turn, false);
        }
        call
    }

    pub(super) fn ring(&mut self, turn: &mut Turn<'_>) {
        self.rings_at_ms = None;
        turn.play(Tone::Ring);
    }

    /// An own signal has come back from the server.
    fn on_echo(&mut self, turn: &mut Turn<'_>, body: &Body) {
        match (self.stage, body) {
            // Settled here before the page was reloaded; all this is history being read again.
            (Stage::Ringing, Body::Answer { .. } | Body::Reject { .. } | Body::Hangup { .. }) => {
                self.is_history = true;
                self.end_told(turn, EndReason::PageClosed);
            }
            (_, Body::Answer { .. }) => self.answer_echoed = true,
            _ => {}
        }
    }

    /// Another device of one's own is about the same call.
    fn on_other_device(&mut self, turn: &mut Turn<'_>, signal: &Signal) {
        // What comes before one's own answer has come back was first, and counts at the caller.
        let open = matches!(self.stage, Stage::Ringing | Stage::Accepting)
            || (self.stage == Stage::Connecting && self.direction == Direction::Incoming && !self.answer_echoed);
        let is_legacy = self.is_legacy() || signal.party_id == NO_PARTY;
        match signal.body {
            Body::Answer { .. } if open => self.end(turn, EndReason::AnsweredElsewhere),
            Body::Reject { .. } if open => self.end(turn, EndReason::DeclinedElsewhere),
            Body::Hangup { .. } if open && is_legacy => self.end_told(turn, EndReason::DeclinedElsewhere),
            _ => {}
        }
    }

    /// The other side is about this call.
    fn on_signal(&mut self, turn: &mut Turn<'_>, signal: Signal, taken_at_ms: u64) {
        let Signal { party_id, body, .. } = signal;
        let known = self.other_party.as_ref().is_none_or(|party| *party == party_id);
        match body {
            Body::Answer { sdp, streams } if self.stage == Stage::Inviting => {
                self.set_remote_streams(streams, taken_at_ms);
                if let Some((streams, taken_at_ms)) = self.early_streams.remove(&party_id) {
                    self.set_remote_streams(streams, taken_at_ms);
                }
                self.on_answer(turn, &party_id, sdp);
            }
            Body::Candidates(candidates) => self.receive_candidates(turn, &party_id, candidates),
            Body::SelectAnswer { selected_party_id } => {
                let elsewhere = selected_party_id != turn.desk.me.party_id;
                if known && elsewhere && self.direction == Direction::Incoming {
                    self.end_told(turn, EndReason::AnsweredElsewhere);
                }
            }
            Body::Negotiate { kind, sdp, streams } if known && self.is_answered() => {
                self.set_remote_streams(streams, taken_at_ms);
                self.receive_description(turn, kind, sdp);
            }
            Body::StreamsChanged(streams) if self.stage == Stage::Inviting => {
                self.keep_early_streams(party_id, streams, taken_at_ms);
            }
            Body::StreamsChanged(streams) if self.other_party.as_ref() == Some(&party_id) => {
                self.set_remote_streams(streams, taken_at_ms);
            }
            Body::Reject { reason, .. } if self.stage == Stage::Inviting => {
                self.end_told(turn, told(self.stage, reason.as_deref(), true));
            }
            Body::Hangup { reason, .. } if self.stage == Stage::Inviting && party_id == NO_PARTY => {
                self.end_told(turn, told(self.stage, reason.as_deref(), true));
            }
            Body::Hangup { reason, .. } if self.stage == Stage::Inviting => {
                self.on_early_hangup(turn, &party_id, reason.as_deref());
            }
            Body::Hangup { reason, summary } if known || self.stage == Stage::Ringing => {
                // Where the two cross, the caller's word for it is what both go by.
                let reason = match summary.map(|summary| summary.outcome) {
                    Some(Outcome::Cancelled) => EndReason::OtherCancelled,
                    Some(Outcome::NoAnswer) => EndReason::Missed,
                    _ => told(self.stage, reason.as_deref(), false),
                };
                self.end_told(turn, reason);
            }
            _ => {}
        }
    }

    /// A message that could be decrypted only late does not undo what was said after it.
    fn set_remote_streams(&mut self, streams: Streams, taken_at_ms: u64) {
        if self.streams_taken_at_ms.is_none_or(|last_ms| last_ms <= taken_at_ms) {
            self.streams_taken_at_ms = Some(taken_at_ms);
            self.remote_streams = streams;
        }
    }

    /// The first device to answer is the one.
    fn on_answer(&mut self, turn: &mut Turn<'_>, party_id: &str, sdp: String) {
        if party_id != NO_PARTY {
            self.send(turn, Body::SelectAnswer { selected_party_id: party_id.to_owned() });
        }
        turn.play(Tone::Silence);
        self.enter(Stage::Connecting, Some(turn.now_ms + turn.desk.settings.connect_ms));
        if let Some((_, reason)) = self.gone_parties.iter().find(|(gone, _)| gone == party_id) {
            return self.end_told(turn, *reason);
        }
        self.apply_first_answer(turn, party_id, sdp);
    }

    /// A device of the called side hangs up before it has answered: for this call's successor, or ahead of its answer.
    fn on_early_hangup(&mut self, turn: &mut Turn<'_>, party_id: &str, reason: Option<&str>) {
        if reason == Some("replaced") {
            self.successor_due = true;
            self.deadline_ms = Some(turn.now_ms + SUCCESSOR_WITHIN_MS);
        } else {
            self.set_gone(party_id, told(Stage::Connecting, reason, false));
        }
    }
}
