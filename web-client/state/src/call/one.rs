//! One call: its stages, what it owns, and how it ends.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    CallEffect, Chat, Direction, EndReason, Kind, LeftOver, MediaId, Notice, Quality, Slot, Summary, Ticket, Tone,
    TrackKind,
    desk::Turn,
    link::Link,
    signal::{Body, Candidate, MAX_CANDIDATES, Purpose, Stream, Streams},
    summary::Outcome,
};

const MAX_EARLY_PARTIES: usize = 8;
const MAX_EARLY_CANDIDATES: usize = 2 * MAX_CANDIDATES;
const MAX_GONE_PARTIES: usize = 16;

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Outgoing: devices are opened and the offer is made.
    Preparing,
    /// Outgoing: the invite is out.
    Inviting,
    /// Incoming: it rings.
    Ringing,
    /// Incoming: accepted; devices are opened and the answer is made.
    Accepting,
    /// The answer is out, or in.
    Connecting,
    /// There is a path.
    Connected,
    /// There was a path.
    Reconnecting,
    /// Over.
    Ended(EndReason),
}

/// One call, live or ended.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) chat: Chat,
    pub(super) direction: Direction,
    pub(super) kind: Kind,
    pub(super) stage: Stage,
    /// When the stage has lasted too long.
    pub(super) deadline_ms: Option<u64>,
    /// The invite's offer, until it is set.
    pub(super) offer: Option<String>,
    /// The device one talks to, once it is known.
    pub(super) other_party: Option<String>,
    /// Devices of the called side that have hung up before their answer came, and what that means.
    pub(super) gone_parties: Vec<(String, EndReason)>,
    /// Candidates by party, until it is known which party counts.
    pub(super) early: BTreeMap<String, Vec<Candidate>>,
    pub(super) media: Media,
    pub(super) link: Option<Link>,
    pub(super) remote_streams: Streams,
    /// What devices said of theirs before their answer, and when the server took it.
    pub(super) early_streams: BTreeMap<String, (Streams, u64)>,
    /// When the server took those, in milliseconds since the Unix epoch.
    pub(super) streams_taken_at_ms: Option<u64>,
    pub(super) remote_tracks: BTreeSet<(String, TrackKind)>,
    pub(super) connected_since_ms: Option<u64>,
    /// The invite's or the answer's send, which must not fail.
    pub(super) first_send: Option<Ticket>,
    /// One's own answer has come back from the server, so that signals after it are later than it.
    pub(super) answer_echoed: bool,
    /// The called side drops this call for its own, whose invite is on its way.
    pub(super) successor_due: bool,
    /// When a new path is asked for next.
    pub(super) restart_at_ms: Option<u64>,
    /// The other side has closed its connection; until then its last word is waited for.
    pub(super) closed_at_ms: Option<u64>,
    pub(super) quality: [Quality; 2],
    pub(super) notice: Option<Notice>,
    /// An older invite rings only then: what is read after it may say that it is over.
    pub(super) rings_at_ms: Option<u64>,
    /// It was over before this page knew of it, so there is nothing to show.
    pub(super) is_history: bool,
}

/// What one sends oneself, and what is being opened.
#[derive(Clone, Debug, Default)]
pub(super) struct Media {
    pub(super) muted: bool,
    pub(super) live: BTreeMap<Slot, MediaId>,
    /// Captures under way: what each will replace or bring.
    pub(super) pending: BTreeMap<Slot, Ticket>,
}

impl Call {
    pub(super) fn new(id: String, chat: Chat, direction: Direction, kind: Kind, stage: Stage) -> Self {
        Self {
            id,
            chat,
            direction,
            kind,
            stage,
            deadline_ms: None,
            offer: None,
            other_party: None,
            gone_parties: Vec::new(),
            early: BTreeMap::new(),
            media: Media::default(),
            link: None,
            remote_streams: Streams::new(),
            early_streams: BTreeMap::new(),
            streams_taken_at_ms: None,
            remote_tracks: BTreeSet::new(),
            connected_since_ms: None,
            first_send: None,
            answer_echoed: false,
            successor_due: false,
            restart_at_ms: None,
            closed_at_ms: None,
            quality: [Quality::Good; 2],
            notice: None,
            rings_at_ms: None,
            is_history: false,
        }
    }

    pub(super) fn is_live(&self) -> bool {
        !matches!(self.stage, Stage::Ended(_))
    }

    /// Picked up, by this device or by the other side.
    pub(super) fn is_answered(&self) -> bool {
        matches!(self.stage, Stage::Connecting | Stage::Connected | Stage::Reconnecting)
    }

    /// Whether the other side has an invite or an answer from this device, so that more can be said.
    pub(super) fn is_announced(&self) -> bool {
        self.is_answered() || self.stage == Stage::Inviting
    }

    pub(super) fn enter(&mut self, stage: Stage, deadline_ms: Option<u64>) {
        self.stage = stage;
        self.deadline_ms = deadline_ms;
    }

    pub(super) fn send(&self, turn: &mut Turn<'_>, body: Body) -> Ticket {
        turn.send(&self.chat.room_id, &self.id, body)
    }

    /// Keeps candidates until their party is known to count.
    pub(super) fn keep_early(&mut self, party_id: &str, candidates: Vec<Candidate>) {
        if self.early.len() < MAX_EARLY_PARTIES || self.early.contains_key(party_id) {
            let kept = self.early.entry(party_id.to_owned()).or_default();
            kept.extend(candidates);
            kept.truncate(MAX_EARLY_CANDIDATES);
        }
    }

    /// Keeps what a device says of its streams until its answer has come, which may be read late.
    pub(super) fn keep_early_streams(&mut self, party_id: String, streams: Streams, taken_at_ms: u64) {
        if self.early_streams.len() < MAX_EARLY_PARTIES || self.early_streams.contains_key(&party_id) {
            self.early_streams.insert(party_id, (streams, taken_at_ms));
        }
    }

    pub(super) fn set_gone(&mut self, party_id: &str, reason: EndReason) {
        if self.gone_parties.len() < MAX_GONE_PARTIES {
            self.gone_parties.push((party_id.to_owned(), reason));
        }
    }

    /// What this side sends, for the other side to know.
    pub(super) fn own_streams(&self) -> Streams {
        let mut streams = Streams::new();
        let Some(link) = &self.link else { return streams };
        let has = |slot: Slot| self.media.live.contains_key(&slot);
        if let Some(id) = &link.user_stream_id {
            let audio_muted = self.media.muted || !has(Slot::Microphone);
            let stream = Stream { purpose: Purpose::Usermedia, audio_muted, video_muted: !has(Slot::Camera) };
            streams.insert(id.clone(), stream);
        }
        if let (Some(id), true) = (&link.screen_stream_id, has(Slot::Screen)) {
            let stream = Stream { purpose: Purpose::Screenshare, audio_muted: false, video_muted: false };
            streams.insert(id.clone(), stream);
        }
        streams
    }

    /// Tells the other side that something was muted, unmuted, turned on or off.
    pub(super) fn tell_streams(&self, turn: &mut Turn<'_>) {
        if self.is_announced() {
            self.send(turn, Body::StreamsChanged(self.own_streams()));
        }
    }

    pub(super) fn summary(&self, me: &str, outcome: Outcome, now_ms: u64) -> Summary {
        let caller = match self.direction {
            Direction::Outgoing => me,
            Direction::Incoming => &self.chat.user_id,
        };
        Summary {
            kind: self.kind,
            outcome,
            duration_ms: self.connected_since_ms.map_or(0, |since_ms| now_ms.saturating_sub(since_ms)),
            answered: self.is_answered(),
            caller: Some(caller.to_owned()),
        }
    }

    pub(super) fn left_over(&self, me: &str, now_ms: u64) -> Option<LeftOver> {
        let outcome = match self.connected_since_ms {
            Some(_) => Outcome::Ended,
            None if self.is_answered() => Outcome::Failed,
            None => Outcome::Cancelled,
        };
        self.is_announced().then(|| self.leaves(self.summary(me, outcome, now_ms), false))
    }

    fn leaves(&self, summary: Summary, rejects: bool) -> LeftOver {
        LeftOver { room_id: self.chat.room_id.clone(), call_id: self.id.clone(), summary, rejects }
    }

    /// Ends the call from this side: tells the other side where it has to be told, and gives everything back.
    pub(super) fn end(&mut self, turn: &mut Turn<'_>, reason: EndReason) {
        if let Some(body) = self.last_word(turn, reason) {
            let rejects = matches!(body, Body::Reject { .. });
            let summary =
                if let Body::Hangup { summary, .. } | Body::Reject { summary, .. } = &body { summary.clone() } else { None };
            let ticket = self.send(turn, body);
            turn.desk.farewell = summary.map(|summary| (ticket, self.leaves(summary, rejects)));
        }
        self.end_told(turn, reason);
    }

    /// Ends the call because the other side, or another device of one's own, has said so.
    pub(super) fn end_told(&mut self, turn: &mut Turn<'_>, reason: EndReason) {
        if !self.is_live() {
            return;
        }
        self.is_history |= self.rings_at_ms.is_some();
        self.close_link(turn);
        for media in std::mem::take(&mut self.media.live).into_values() {
            turn.push(CallEffect::Release { media });
        }
        self.media.pending.clear();
        let quiet = matches!(reason, EndReason::AnsweredElsewhere | EndReason::DeclinedElsewhere | EndReason::Declined);
        turn.play(match reason {
            EndReason::OtherBusy => Tone::Busy,
            _ if quiet || self.stage == Stage::Ringing => Tone::Silence,
            _ => Tone::Over,
        });
        turn.desk.set_over(&self.chat.room_id, &self.id);
        self.restart_at_ms = None;
        self.closed_at_ms = None;
        self.early.clear();
        self.offer = None;
        self.enter(Stage::Ended(reason), None);
    }

    pub(super) fn close_link(&mut self, turn: &mut Turn<'_>) {
        if let Some(link) = self.link.take() {
            turn.push(CallEffect::ClosePeer { peer: link.peer });
        }
        self.remote_tracks.clear();
    }

    /// The last signal of the call, if one is due from this side.
    fn last_word(&self, turn: &Turn<'_>, reason: EndReason) -> Option<Body> {
        let outcome = reason.outcome(self.is_answered());
        let summary = Some(self.summary(&turn.desk.me.user_id, outcome, turn.now_ms));
        match (self.stage, reason) {
            (Stage::Preparing | Stage::Ended(_), _) | (_, EndReason::Missed) => None,
            // The caller may have chosen this device after all; if it has not, this is ignored there.
            (Stage::Connecting, EndReason::AnsweredElsewhere | EndReason::DeclinedElsewhere) => {
                Some(Body::Hangup { reason: Some("answered_elsewhere".into()), summary: None })
            }
            (_, EndReason::AnsweredElsewhere | EndReason::DeclinedElsewhere) => None,
            (Stage::Ringing | Stage::Accepting, _) => {
                let why = (reason != EndReason::Declined).then(|| reason.wire());
                Some(Body::refusal(why, summary, self.is_legacy()))
            }
            (Stage::Inviting | Stage::Connecting | Stage::Connected | Stage::Reconnecting, _) => {
                Some(Body::Hangup { reason: Some(reason.wire().into()), summary })
            }
        }
    }
}
