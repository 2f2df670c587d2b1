//! One `RTCPeerConnection` as the machine sees it: what the browser is at, and what waits for it.
//!
//! One operation on descriptions runs at a time. Remote descriptions and candidates wait in one queue, so that they are
//! applied in the order they came. What a call makes of it is not here but in `negotiate`.

use std::collections::VecDeque;

use super::{
    CallEffect, Described, PeerId, Ticket,
    desk::Turn,
    signal::{Candidate, SdpKind},
};

const MAX_INBOX: usize = 64;

/// One connection.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) peer: PeerId,
    pub(super) op: Op,
    /// The browser is in "have-local-offer".
    pub(super) offered: bool,
    /// The browser asked for negotiation at a moment when it could not be had.
    pub(super) needed: bool,
    /// A remote description has been set, so candidates can be added.
    pub(super) remote_set: bool,
    inbox: VecDeque<Remote>,
    pub(super) outbox: Vec<Candidate>,
    pub(super) flush_at_ms: Option<u64>,
    pub(super) answer_due_ms: Option<u64>,
    pub(super) repeats: u8,
    /// The other side has put this one on hold.
    pub(super) on_hold: bool,
    pub(super) user_stream_id: Option<String>,
    pub(super) screen_stream_id: Option<String>,
}

/// The one operation on descriptions that the browser is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Idle,
    Offering(Ticket),
    Answering(Ticket),
    ApplyingOffer(Ticket),
    ApplyingAnswer(Ticket),
}

/// What came from the other side and waits for its turn.
#[derive(Clone, Debug)]
pub(super) enum Remote {
    Description(SdpKind, String),
    Candidates(Vec<Candidate>),
}

impl Link {
    pub(super) fn new(peer: PeerId) -> Self {
        Self {
            peer,
            op: Op::Idle,
            offered: false,
            needed: false,
            remote_set: false,
            inbox: VecDeque::new(),
            outbox: Vec::new(),
            flush_at_ms: None,
            answer_due_ms: None,
            repeats: 0,
            on_hold: false,
            user_stream_id: None,
            screen_stream_id: None,
        }
    }

    pub(super) fn is_describing(&self) -> bool {
        matches!(self.op, Op::Offering(_) | Op::Answering(_))
    }

    pub(super) fn receive(&mut self, remote: Remote) {
        if self.inbox.len() < MAX_INBOX {
            self.inbox.push_back(remote);
        }
    }

    pub(super) fn offer(&mut self, turn: &mut Turn<'_>) {
        let ticket = turn.ticket();
        self.op = Op::Offering(ticket);
        self.needed = false;
        self.answer_due_ms = None;
        turn.push(CallEffect::Offer { ticket, peer: self.peer, gather_ms: turn.desk.settings.gather_ms });
    }

    pub(super) fn answer(&mut self, turn: &mut Turn<'_>) {
        let ticket = turn.ticket();
        self.op = Op::Answering(ticket);
        turn.push(CallEffect::Answer { ticket, peer: self.peer, gather_ms: turn.desk.settings.gather_ms });
    }

    pub(super) fn set_remote(&mut self, turn: &mut Turn<'_>, kind: SdpKind, sdp: String) {
        let ticket = turn.ticket();
        self.on_hold = is_hold(&sdp);
        self.op = match kind {
            SdpKind::Offer => Op::ApplyingOffer(ticket),
            SdpKind::Answer => Op::ApplyingAnswer(ticket),
        };
        turn.push(CallEffect::SetRemote { ticket, peer: self.peer, kind, sdp });
    }

    /// Works on what has come: candidates as soon as there is a description to add them to, descriptions one at a time;
    /// then on what the browser wants itself.
    pub(super) fn pump(&mut self, turn: &mut Turn<'_>, polite: bool) {
        loop {
            let is_idle = self.op == Op::Idle;
            let is_applying = matches!(self.op, Op::ApplyingOffer(_) | Op::ApplyingAnswer(_));
            match self.inbox.front() {
                Some(Remote::Candidates(_)) if !is_applying => {}
                Some(Remote::Description(..)) if is_idle => {}
                None if is_idle && self.needed && !self.offered => return self.offer(turn),
                _ => return,
            }
            match self.inbox.pop_front() {
                Some(Remote::Candidates(candidates)) if self.remote_set => {
                    turn.push(CallEffect::AddCandidates { peer: self.peer, candidates });
                }
                // The impolite side goes on with its own offer; the polite side's is rolled back by the browser.
                Some(Remote::Description(SdpKind::Offer, _)) if self.offered && !polite => {}
                Some(Remote::Description(SdpKind::Answer, _)) if !self.offered => {}
                Some(Remote::Description(kind, sdp)) => self.set_remote(turn, kind, sdp),
                // Their generation never came to be.
                Some(Remote::Candidates(_)) | None => {}
            }
        }
    }

    pub(super) fn has_offer_waiting(&self) -> bool {
        self.inbox.iter().any(|remote| matches!(remote, Remote::Description(SdpKind::Offer, _)))
    }

    /// The description carries what was gathered until now; only the mark of the end has to be sent on its own.
    pub(super) fn described(&mut self, described: &Described) {
        self.op = Op::Idle;
        self.user_stream_id = Some(described.user_stream_id.clone());
        self.screen_stream_id.clone_from(&described.screen_stream_id);
        self.outbox.retain(|candidate| candidate.candidate.is_empty());
    }
}

/// Whether who describes this wants to hear nothing: none of its sections for sound receives (RFC 3264, section 8.4).
fn is_hold(sdp: &str) -> bool {
    let mut is_sound = false;
    let mut receives: Vec<bool> = Vec::new();
    for line in sdp.lines() {
        if let Some(section) = line.strip_prefix("m=") {
            // A section at port 0 is turned down.
            is_sound = section.starts_with("audio ") && !section.starts_with("audio 0 ");
            if is_sound {
                receives.push(true);
            }
        }
        if let ("a=sendonly" | "a=inactive", true, Some(last)) = (line, is_sound, receives.last_mut()) {
            *last = false;
        }
    }
    !receives.is_empty() && !receives.contains(&true)
}

#[cfg(test)]
mod tests {
    use super::is_hold;

    #[test]
    fn holds() {
        let audio = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n";
        let video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n";
        for (sdp, expected) in [
            (String::new(), false),
            (format!("v=0\r\n{audio}a=sendrecv\r\n"), false),
            (format!("v=0\r\n{audio}"), false),
            (format!("v=0\r\n{audio}a=recvonly\r\n"), false),
            (format!("v=0\r\n{audio}a=sendonly\r\n"), true),
            (format!("v=0\r\n{audio}a=inactive\r\n{video}a=sendonly\r\n"), true),
            // A camera that is only sent is no hold, nor is a shared screen with its sound.
            (format!("v=0\r\n{audio}a=sendrecv\r\n{video}a=sendonly\r\n"), false),
            (format!("v=0\r\n{audio}a=sendrecv\r\n{audio}a=sendonly\r\n"), false),
            ("v=0\r\nm=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=inactive\r\n".to_owned(), false),
        ] {
            assert_eq!(is_hold(&sdp), expected, "{sdp}");
        }
    }
}
