//! The timeline's rows about calls: one for each call, however many of its signals are there and in whatever order.
//!
//! The server erases signalling after a while, all but the end of a call. That one carries a [`Summary`], so a row can
//! be made of it alone; ends from clients that write none are made sense of with the invite and the answer, if those
//! are still there.

use std::collections::BTreeMap;

use super::{
    Kind, Outcome, Signal, Summary,
    ring::kind_of,
    signal::{Body, MAX_LIFETIME_MS},
};

/// Calls remembered at most; the oldest go first.
const MAX_CALLS: usize = 2_000;
/// Ends of one call that are considered; two sides with a few devices each.
const MAX_ENDS: usize = 8;
/// After this time a call that was answered and has no end is taken to be over.
const FORGOTTEN_AFTER_MS: u64 = 12 * 60 * 60_000;

/// One signal in a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// The message's event id.
    pub event_id: String,
    /// Who sent it.
    pub sender: String,
    /// When, in milliseconds since the Unix epoch, by the server's clock.
    pub at_ms: u64,
    /// What it says.
    pub signal: Signal,
}

impl CallRecord {
    /// Whether it was sent without anybody's doing: who is in another call is not asked about this one.
    pub fn is_automatic(&self) -> bool {
        matches!(&self.signal.body, Body::Hangup { summary: Some(summary), .. } | Body::Reject { summary: Some(summary), .. }
            if summary.outcome == Outcome::Busy)
    }
}

/// One call in the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRow {
    /// Which call.
    pub call_id: String,
    /// In place of which message it stands. All other messages of the call show nothing.
    pub event_id: String,
    /// When it ended, or when it rang if nothing says how it ended; milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Voice or video.
    pub kind: Kind,
    /// Whether one called oneself.
    pub outgoing: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// How long the two were connected, in milliseconds.
    pub duration_ms: u64,
}

impl CallRow {
    /// Whether somebody called in vain, so that the row stands out.
    pub fn is_missed(&self) -> bool {
        !self.outgoing && matches!(self.outcome, Outcome::Cancelled | Outcome::NoAnswer | Outcome::Busy)
    }

    /// What the row says.
    pub fn words(&self) -> String {
        let (call, of_call) = match self.kind {
            Kind::Voice => ("Voice call", "voice call"),
            Kind::Video => ("Video call", "video call"),
        };
        let lasted = (self.duration_ms > 0).then(|| duration_in_words(self.duration_ms));
        match (self.outcome, self.outgoing) {
            (Outcome::Ended | Outcome::Replaced, _) => match lasted {
                Some(lasted) => format!("{call} · {lasted}"),
                None => call.to_owned(),
            },
            (Outcome::Failed, _) => match lasted {
                Some(lasted) => format!("{call} · {lasted} · Connection lost"),
                None => format!("{call} · Couldn’t connect"),
            },
            (Outcome::Cancelled, true) => format!("{call} · Cancelled"),
            (Outcome::NoAnswer, true) => format!("{call} · No answer"),
            (Outcome::Declined, true) => format!("{call} · Declined"),
            (Outcome::Busy, true) => format!("{call} · Busy"),
            (Outcome::Cancelled | Outcome::NoAnswer, false) => format!("Missed {of_call}"),
            (Outcome::Declined, false) => format!("You declined a {of_call}"),
            (Outcome::Busy, false) => format!("Missed {of_call} · You were in another call"),
        }
    }
}

/// A time in words: "45 s", "3 min 12 s", "1 h 2 min".
pub fn duration_in_words(ms: u64) -> String {
    let seconds = (ms / 1_000).max(1);
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// What one chat's timeline says about calls.
#[derive(Clone, Debug, Default)]
pub struct CallLog {
    calls: BTreeMap<String, Facts>,
}

/// What is known of one call.
#[derive(Clone, Debug, Default)]
struct Facts {
    invite: Option<Invited>,
    answered_at_ms: Option<u64>,
    ends: Vec<Ending>,
    last_at_ms: u64,
}

#[derive(Clone, Debug)]
struct Invited {
    event_id: String,
    sender: String,
    at_ms: u64,
    kind: Kind,
    lifetime_ms: u64,
}

#[derive(Clone, Debug)]
struct Ending {
    event_id: String,
    sender: String,
    at_ms: u64,
    rejected: bool,
    reason: Option<String>,
    summary: Option<Summary>,
}

impl CallLog {
    /// Takes one signal of the timeline; the same one twice changes nothing.
    pub fn add(&mut self, record: &CallRecord) {
        let CallRecord { event_id, sender, at_ms, signal } = record;
        if !matches!(signal.body, Body::Invite(_) | Body::Answer { .. } | Body::Hangup { .. } | Body::Reject { .. }) {
            return;
        }
        if self.calls.len() >= MAX_CALLS && !self.calls.contains_key(&signal.call_id) {
            let oldest = self.calls.iter().min_by_key(|(_, facts)| facts.last_at_ms).map(|(id, _)| id.clone());
            oldest.map(|id| self.calls.remove(&id));
        }
        let facts = self.calls.entry(signal.call_id.clone()).or_default();
        facts.last_at_ms = facts.last_at_ms.max(*at_ms);
        match &signal.body {
            Body::Invite(invite) => {
                let (kind, lifetime_ms) = (kind_of(invite), invite.lifetime_ms.min(MAX_LIFETIME_MS));
                let invited =
                    Invited { event_id: event_id.clone(), sender: sender.clone(), at_ms: *at_ms, kind, lifetime_ms };
                facts.invite.get_or_insert(invited);
            }
            Body::Answer { .. } => {
                facts.answered_at_ms = Some(facts.answered_at_ms.map_or(*at_ms, |before_ms| before_ms.min(*at_ms)));
            }
            Body::Hangup { reason, summary } | Body::Reject { reason, summary } => {
                let rejected = matches!(signal.body, Body::Reject { .. });
                if facts.ends.len() < MAX_ENDS && facts.ends.iter().all(|end| end.event_id != *event_id) {
                    let (event_id, sender, at_ms) = (event_id.clone(), sender.clone(), *at_ms);
                    let (reason, summary) = (reason.clone(), summary.clone());
                    facts.ends.push(Ending { event_id, sender, at_ms, rejected, reason, summary });
                }
            }
            _ => {}
        }
    }

    /// One row for each call that is over, by time. `me` is one's own user id; `now_ms` since the Unix epoch.
    pub fn rows(&self, me: &str, now_ms: u64) -> Vec<CallRow> {
        let mut rows: Vec<_> = self.calls.iter().filter_map(|(id, facts)| facts.row(id, me, now_ms)).collect();
        rows.sort_by(|a, b| (a.at_ms, &a.call_id).cmp(&(b.at_ms, &b.call_id)));
        rows
    }

    /// The row that stands in place of the message `event_id`, a signal of the call `call_id`; `None` where nothing is
    /// to be shown.
    pub fn row_at(&self, call_id: &str, event_id: &str, me: &str, now_ms: u64) -> Option<CallRow> {
        self.calls.get(call_id)?.row(call_id, me, now_ms).filter(|row| row.event_id == event_id)
    }
}

impl Facts {
    fn row(&self, call_id: &str, me: &str, now_ms: u64) -> Option<CallRow> {
        let Some(end) = self.end() else { return self.row_without_end(call_id, me, now_ms) };
        let (outcome, duration_ms) = self.outcome(end);
        if outcome == Outcome::Replaced {
            return None;
        }
        let kind = end.summary.as_ref().map(|summary| summary.kind);
        Some(CallRow {
            call_id: call_id.to_owned(),
            event_id: end.event_id.clone(),
            at_ms: end.at_ms,
            kind: kind.or(self.invite.as_ref().map(|invite| invite.kind)).unwrap_or(Kind::Voice),
            outgoing: self.is_outgoing(end, me),
            outcome,
            duration_ms,
        })
    }

    /// The end that counts: that of a call that was answered before any other, one that tells what it was before one
    /// that does not, and the first of several.
    fn end(&self) -> Option<&Ending> {
        self.ends.iter().min_by_key(|end| {
            let answered = end.summary.as_ref().is_some_and(|summary| summary.answered);
            // A device that was not chosen says so; that is not the end of the call.
            let aside = end.summary.is_none() && end.reason.as_deref() == Some("answered_elsewhere");
            let beside = end.rejected && self.answered_at_ms.is_some_and(|at_ms| at_ms < end.at_ms);
            (aside, !answered, beside, end.summary.is_none(), end.at_ms, end.event_id.clone())
        })
    }

    fn outcome(&self, end: &Ending) -> (Outcome, u64) {
        if let Some(summary) = &end.summary {
            return (summary.outcome, summary.duration_ms);
        }
        let by_caller = self.invite.as_ref().is_some_and(|invite| invite.sender == end.sender);
        let outcome = match (end.reason.as_deref(), self.answered_at_ms) {
            (Some("user_busy"), _) => Outcome::Busy,
            (Some("replaced"), _) => Outcome::Replaced,
            (None | Some("user_hangup"), None) if end.rejected => Outcome::Declined,
            (None | Some("user_hangup"), None) if by_caller => Outcome::Cancelled,
            // Who speaks version 0 has no other word for it.
            (None | Some("user_hangup"), None) if self.invite.is_some() => Outcome::Declined,
            (None | Some("user_hangup"), _) => Outcome::Ended,
            (Some("invite_timeout"), None) => Outcome::NoAnswer,
            (Some(_), _) => Outcome::Failed,
        };
        (outcome, self.answered_at_ms.map_or(0, |at_ms| end.at_ms.saturating_sub(at_ms)))
    }

    fn is_outgoing(&self, end: &Ending, me: &str) -> bool {
        let named = end.summary.as_ref().and_then(|summary| summary.caller.as_deref());
        match named.or(self.invite.as_ref().map(|invite| invite.sender.as_str())) {
            Some(caller) => caller == me,
            // Only who is called can decline.
            None if end.rejected => end.sender != me,
            None => end.sender == me,
        }
    }

    /// Nobody has said how it ended: a device that called has gone for good.
    fn row_without_end(&self, call_id: &str, me: &str, now_ms: u64) -> Option<CallRow> {
        let invite = self.invite.as_ref()?;
        let age_ms = now_ms.saturating_sub(invite.at_ms);
        let outcome = match self.answered_at_ms {
            None if age_ms > invite.lifetime_ms + 5_000 => Outcome::NoAnswer,
            Some(_) if age_ms > FORGOTTEN_AFTER_MS => Outcome::Ended,
            _ => return None,
        };
        Some(CallRow {
            call_id: call_id.to_owned(),
            event_id: invite.event_id.clone(),
            at_ms: invite.at_ms,
            kind: invite.kind,
            outgoing: invite.sender == me,
            outcome,
            duration_ms: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{CallLog, CallRecord, duration_in_words};
    use crate::call::{
        Kind, Outcome, Signal, Summary,
        signal::{Body, Candidate, Invite, Streams},
    };

    const ALICE: &str = "@alice:example.org";
    const BOB: &str = "@bob:example.org";
    const LATER_MS: u64 = 10_000_000;

    fn invite(video: bool) -> Body {
        let sdp = if video { "v=0\nm=audio\nm=video" } else { "v=0\nm=audio" }.to_owned();
        Body::Invite(Invite { sdp, lifetime_ms: 60_000, invitee: None, streams: Streams::new() })
    }

    fn answer() -> Body {
        Body::Answer { sdp: "v=0".into(), streams: Streams::new() }
    }

    fn hangup(reason: &str) -> Body {
        Body::Hangup { reason: Some(reason.into()), summary: None }
    }

    fn reject(reason: Option<&str>) -> Body {
        Body::Reject { reason: reason.map(str::to_owned), summary: None }
    }

    fn ended(outcome: Outcome, duration_ms: u64, reject: bool) -> Body {
        let answered = duration_ms > 0;
        let summary = Some(Summary { kind: Kind::Video, outcome, duration_ms, answered, caller: Some(ALICE.into()) });
        if reject { Body::Reject { reason: None, summary } } else { Body::Hangup { reason: None, summary } }
    }

    fn words(records: &[CallRecord], me: &str) -> Vec<String> {
        let mut log = CallLog::default();
        records.iter().for_each(|record| log.add(record));
        let rows = log.rows(me, LATER_MS);
        for record in records {
            let shown = log.row_at(&record.signal.call_id, &record.event_id, me, LATER_MS);
            assert_eq!(shown.is_some(), rows.iter().any(|row| row.event_id == record.event_id));
        }
        rows.iter().map(super::CallRow::words).collect()
    }

    fn records(listed: &[(&str, u64, Body)]) -> Vec<CallRecord> {
        let record = |(at, (sender, at_ms, body)): (usize, &(&str, u64, Body))| CallRecord {
            event_id: format!("${at}"),
            sender: (*sender).to_owned(),
            at_ms: *at_ms,
            signal: Signal { call_id: "1".into(), party_id: "D".into(), body: body.clone() },
        };
        listed.iter().enumerate().map(record).collect()
    }

    /// One row, and the same for any order and for signals that are read twice.
    #[test]
    fn one_row_for_each_call() {
        let candidates = || Body::Candidates(vec![Candidate::default()]);
        for (listed, caller, called) in [
            (
                vec![(ALICE, 1_000, invite(false)), (BOB, 5_000, answer()), (BOB, 197_000, hangup("user_hangup"))],
                "Voice call · 3 min 12 s",
                "Voice call · 3 min 12 s",
            ),
            (
                vec![(ALICE, 1_000, invite(true)), (ALICE, 2_000, candidates()), (ALICE, 9_000, hangup("user_hangup"))],
                "Video call · Cancelled",
                "Missed video call",
            ),
            (
                vec![(ALICE, 1_000, invite(true)), (ALICE, 61_000, hangup("invite_timeout"))],
                "Video call · No answer",
                "Missed video call",
            ),
            (vec![(ALICE, 1_000, invite(false))], "Voice call · No answer", "Missed voice call"),
            (
                vec![(ALICE, 1_000, invite(false)), (BOB, 3_000, reject(None))],
                "Voice call · Declined",
                "You declined a voice call",
            ),
            (
                vec![(ALICE, 1_000, invite(false)), (BOB, 3_000, reject(Some("user_busy")))],
                "Voice call · Busy",
                "Missed voice call · You were in another call",
            ),
            (
                vec![(ALICE, 1_000, invite(false)), (BOB, 3_000, hangup("user_hangup"))],
                "Voice call · Declined",
                "You declined a voice call",
            ),
            (
                vec![(ALICE, 1_000, invite(false)), (BOB, 2_000, answer()), (BOB, 27_000, hangup("ice_failed"))],
                "Voice call · 25 s · Connection lost",
                "Voice call · 25 s · Connection lost",
            ),
            (vec![(ALICE, 1_000, ended(Outcome::Declined, 0, true))], "Video call · Declined", "You declined a video call"),
            (
                vec![(BOB, 1_000, ended(Outcome::Ended, 3_660_000, false))],
                "Video call · 1 h 1 min",
                "Video call · 1 h 1 min",
            ),
            (
                vec![(BOB, 1_000, ended(Outcome::Failed, 0, false))],
                "Video call · Couldn’t connect",
                "Video call · Couldn’t connect",
            ),
            // Both hang up at once; one device of the called side declines what another has answered.
            (
                vec![(BOB, 9_000, ended(Outcome::Ended, 8_000, false)), (ALICE, 9_001, ended(Outcome::Ended, 8_100, false))],
                "Video call · 8 s",
                "Video call · 8 s",
            ),
            (
                vec![(BOB, 2_000, ended(Outcome::Declined, 0, true)), (ALICE, 9_001, ended(Outcome::Ended, 7_000, false))],
                "Video call · 7 s",
                "Video call · 7 s",
            ),
        ] {
            let mut records = records(&listed);
            assert_eq!(words(&records, ALICE), [caller]);
            assert_eq!(words(&records, BOB), [called]);
            records.reverse();
            records.extend(records.clone());
            assert_eq!(words(&records, ALICE), [caller]);
        }
    }

    #[test]
    fn no_row_for_what_goes_on_or_went_on_elsewhere() {
        let replaced = records(&[(ALICE, 1_000, invite(false)), (ALICE, 2_000, hangup("replaced"))]);
        assert_eq!(words(&replaced, BOB), Vec::<String>::new());
        let on = records(&[(ALICE, LATER_MS - 5_000, invite(false)), (BOB, LATER_MS - 3_000, answer())]);
        assert_eq!(words(&on, BOB), Vec::<String>::new());
        assert_eq!(words(&records(&[(ALICE, LATER_MS - 5_000, invite(false))]), BOB), Vec::<String>::new());
    }

    #[test]
    fn durations() {
        for (ms, words) in [
            (0, "1 s"),
            (45_900, "45 s"),
            (60_000, "1 min"),
            (192_000, "3 min 12 s"),
            (3_600_000, "1 h"),
            (3_720_000, "1 h 2 min"),
        ] {
            assert_eq!(duration_in_words(ms), words);
        }
    }
}
