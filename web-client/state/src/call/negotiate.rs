//! Who offers, who answers, and when candidates are sent: perfect negotiation over `m.call.negotiate`, in which the called
//! side is polite.

use super::{
    BrowserRefused, CallEffect, Described, Direction, EndReason, MediaId, PeerId, Ticket, Tone,
    desk::Turn,
    link::{Link, Op, Remote},
    one::{Call, Stage},
    signal::{Body, Candidate, Invite, MAX_CANDIDATES, SdpKind},
};

const MAX_OUTBOX: usize = 4 * MAX_CANDIDATES;
/// After this time without an answer an offer is made again: the other side may have dropped it for its own.
const ANSWER_WITHIN_MS: u64 = 8_000;
const MAX_REPEATS: u8 = 3;

impl Call {
    fn is_polite(&self) -> bool {
        self.direction == Direction::Incoming
    }

    fn pump(&mut self, turn: &mut Turn<'_>) {
        let polite = self.is_polite();
        if let Some(link) = &mut self.link {
            link.pump(turn, polite);
        }
    }

    /// Outgoing, devices open: connection, media, offer.
    pub(super) fn open_to_offer(&mut self, turn: &mut Turn<'_>) {
        let mut link = Link::new(turn.open_peer());
        self.attach_all(turn, link.peer);
        link.offer(turn);
        self.link = Some(link);
        self.deadline_ms = Some(turn.now_ms + turn.desk.settings.connect_ms);
    }

    /// Incoming, devices open: connection, the invite's offer; media and answer follow once that is set.
    pub(super) fn open_to_answer(&mut self, turn: &mut Turn<'_>) {
        let mut link = Link::new(turn.open_peer());
        if let Some(sdp) = self.offer.take() {
            link.set_remote(turn, SdpKind::Offer, sdp);
        }
        self.link = Some(link);
        self.take_early();
        self.deadline_ms = Some(turn.now_ms + turn.desk.settings.connect_ms);
    }

    /// The invite's answer has come; `party_id` is who it is from.
    pub(super) fn apply_first_answer(&mut self, turn: &mut Turn<'_>, party_id: &str, sdp: String) {
        self.other_party = Some(party_id.to_owned());
        if let Some(link) = &mut self.link {
            link.receive(Remote::Description(SdpKind::Answer, sdp));
        }
        self.take_early();
        self.pump(turn);
    }

    fn take_early(&mut self) {
        let early = std::mem::take(&mut self.early);
        let candidates = early.into_iter().find(|(party, _)| Some(party) == self.other_party.as_ref());
        if let (Some(link), Some((_, candidates))) = (&mut self.link, candidates) {
            link.receive(Remote::Candidates(candidates));
        }
    }

    fn attach_all(&self, turn: &mut Turn<'_>, peer: PeerId) {
        for media in self.media.live.values() {
            turn.push(CallEffect::Attach { peer, media: *media });
        }
    }

    /// A medium was opened within the call.
    pub(super) fn attach(&self, turn: &mut Turn<'_>, media: MediaId) {
        if let Some(link) = &self.link {
            turn.push(CallEffect::Attach { peer: link.peer, media });
        }
    }

    pub(super) fn receive_candidates(&mut self, turn: &mut Turn<'_>, party_id: &str, candidates: Vec<Candidate>) {
        match (&self.other_party, &mut self.link) {
            (Some(party), _) if party != party_id => {}
            (Some(_), Some(link)) => {
                link.receive(Remote::Candidates(candidates));
                // Before the first description there is nothing to add them to.
                if link.remote_set {
                    self.pump(turn);
                }
            }
            _ => self.keep_early(party_id, candidates),
        }
    }

    pub(super) fn receive_description(&mut self, turn: &mut Turn<'_>, kind: SdpKind, sdp: String) {
        if let Some(link) = &mut self.link {
            link.receive(Remote::Description(kind, sdp));
            self.pump(turn);
        }
        // The other side is at it: no need to ask for a path from here as well.
        if kind == SdpKind::Offer && self.restart_at_ms.is_some() {
            self.restart_at_ms = Some(turn.now_ms + turn.desk.settings.restart_every_ms + 2_000);
        }
    }

    pub(super) fn on_described(&mut self, turn: &mut Turn<'_>, ticket: Ticket, result: Result<Described, BrowserRefused>) {
        let stage = self.stage;
        let Some(link) = &mut self.link else { return };
        let is_offer = match link.op {
            Op::Offering(awaited) if awaited == ticket => true,
            Op::Answering(awaited) if awaited == ticket => false,
            _ => return,
        };
        let Ok(described) = result else {
            link.op = Op::Idle;
            return match stage {
                Stage::Preparing | Stage::Accepting => self.end(turn, EndReason::BrowserRefused),
                // The call goes on as it is.
                _ => self.pump(turn),
            };
        };
        link.described(&described);
        if is_offer {
            self.offered(turn, described.sdp)
        } else {
            self.answered(turn, described.sdp)
        }
        self.flush(turn);
        self.pump(turn);
    }

    fn offered(&mut self, turn: &mut Turn<'_>, sdp: String) {
        let (polite, streams) = (self.is_polite(), self.own_streams());
        let Some(link) = &mut self.link else { return };
        link.offered = true;
        if self.stage == Stage::Preparing {
            let lifetime_ms = turn.desk.settings.ring_ms;
            let invitee = Some(self.chat.user_id.clone());
            self.first_send = Some(self.send(turn, Body::Invite(Invite { sdp, lifetime_ms, invitee, streams })));
            self.enter(Stage::Inviting, Some(turn.now_ms + lifetime_ms));
            turn.play(Tone::Ringback);
        } else if !(polite && link.has_offer_waiting()) {
            link.answer_due_ms = Some(turn.now_ms + ANSWER_WITHIN_MS);
            self.send(turn, Body::Negotiate { kind: SdpKind::Offer, sdp, streams });
        }
    }

    fn answered(&mut self, turn: &mut Turn<'_>, sdp: String) {
        let streams = self.own_streams();
        if self.stage == Stage::Accepting {
            self.first_send = Some(self.send(turn, Body::Answer { sdp, streams }));
            self.enter(Stage::Connecting, Some(turn.now_ms + turn.desk.settings.connect_ms));
        } else {
            self.send(turn, Body::Negotiate { kind: SdpKind::Answer, sdp, streams });
        }
    }

    pub(super) fn on_remote_set(&mut self, turn: &mut Turn<'_>, ticket: Ticket, result: Result<(), BrowserRefused>) {
        let first = self.link.as_ref().is_some_and(|link| !link.remote_set);
        let Some(link) = &mut self.link else { return };
        let is_offer = match link.op {
            Op::ApplyingOffer(awaited) if awaited == ticket => true,
            Op::ApplyingAnswer(awaited) if awaited == ticket => false,
            _ => return,
        };
        link.op = Op::Idle;
        if result.is_err() {
            return if first { self.end(turn, EndReason::BrowserRefused) } else { self.pump(turn) };
        }
        link.remote_set = true;
        link.offered = false;
        link.answer_due_ms = None;
        link.repeats = 0;
        if is_offer {
            let peer = link.peer;
            if first {
                self.attach_all(turn, peer);
            }
            if let Some(link) = &mut self.link {
                link.answer(turn);
            }
        }
        self.pump(turn);
    }

    pub(super) fn on_negotiation_needed(&mut self, turn: &mut Turn<'_>, peer: PeerId) {
        // The first exchange is led by the call itself.
        if matches!(self.stage, Stage::Preparing | Stage::Inviting) || self.is_legacy() {
            return;
        }
        let Some(link) = self.link.as_mut().filter(|link| link.peer == peer) else { return };
        link.needed = true;
        // The answer is set but not sent yet: what the offer had no room for, such as a camera, is asked for after it.
        if self.stage != Stage::Accepting {
            self.pump(turn);
        }
    }

    pub(super) fn on_candidate(&mut self, turn: &mut Turn<'_>, peer: PeerId, candidate: Candidate) {
        let announced = self.is_announced();
        let Some(link) = self.link.as_mut().filter(|link| link.peer == peer) else { return };
        if link.outbox.len() >= MAX_OUTBOX {
            return;
        }
        let is_end = candidate.candidate.is_empty();
        link.outbox.push(candidate);
        // What is gathered while a description is made goes with that.
        if announced && !link.is_describing() {
            let at_ms = turn.now_ms + if is_end { 0 } else { turn.desk.settings.batch_ms };
            link.flush_at_ms = Some(link.flush_at_ms.map_or(at_ms, |before_ms| before_ms.min(at_ms)));
        }
    }

    /// Sends the candidates that have been gathered.
    pub(super) fn flush(&mut self, turn: &mut Turn<'_>) {
        let announced = self.is_announced();
        let Some(link) = &mut self.link else { return };
        link.flush_at_ms = None;
        if !announced || link.is_describing() {
            return;
        }
        let mut waiting = std::mem::take(&mut link.outbox);
        while !waiting.is_empty() {
            let rest = waiting.split_off(waiting.len().min(MAX_CANDIDATES));
            self.send(turn, Body::Candidates(waiting));
            waiting = rest;
        }
    }

    /// Makes an offer again that was not answered.
    pub(super) fn repeat_offer(&mut self, turn: &mut Turn<'_>) {
        let Some(link) = &mut self.link else { return };
        link.answer_due_ms = None;
        if link.offered && link.op == Op::Idle && link.repeats < MAX_REPEATS {
            link.repeats += 1;
            link.offer(turn);
        }
    }

    /// Asks the browser for a new path. While an offer is unanswered the browser does not ask for negotiation, and none is made
    /// here: of two answers nobody knows which offer they are for. It asks as soon as the answer is set; and if none comes, the
    /// offer is made again with the new path.
    pub(super) fn restart_ice(&mut self, turn: &mut Turn<'_>) {
        let is_legacy = self.is_legacy();
        if let Some(link) = self.link.as_mut().filter(|_| !is_legacy) {
            turn.push(CallEffect::RestartIce { peer: link.peer });
        }
    }
}
