//! What a soak came to, as a table, and whether that is good enough.

use std::{ops::Range, time::Duration};

use anyhow::{Result, bail};
use tokio::time::Instant;

use super::attack::Attack;
use crate::{report::Latency, talk::Talk, tally::Tally};

/// From sending to the other's sync, at the 99th percentile, milliseconds.
const RECEIVE_P99_MS: f64 = 250.0;
/// How much more memory than before there may be at the end, percent.
const MEMORY_MORE_PERCENT: u64 = 20;

/// How much of an attack's requests have to be answered, percent.
const ANSWERED_PERCENT: u64 = 90;

/// What the attacks were answered.
pub(super) struct Answers<'a> {
    /// The attacks; all when this is empty.
    pub(super) chosen: &'a [Attack],
    pub(super) tally: &'a Tally,
}

impl Answers<'_> {
    fn lines(&self, during: Duration) -> Vec<String> {
        let line = |attack: Attack| {
            let (name, clients) = (attack.name(), attack.clients());
            format!("| {name}: {clients} clients; tries, answers by status | {} |", self.tally.line(&name, during))
        };
        Attack::chosen(self.chosen).map(line).collect()
    }

    /// Attacks that were weaker than they claim: that the server bore them says nothing.
    fn weak(&self, during: Duration) -> impl Iterator<Item = String> {
        Attack::chosen(self.chosen).filter_map(move |attack| {
            let wanted = u64::from(attack.answers_per_second()?) * during.as_secs();
            let answers = self.tally.answers(&attack.name());
            (answers * 100 < wanted * ANSWERED_PERCENT)
                .then(|| format!("{} was answered {answers} times instead of {wanted}", attack.name()))
        })
    }
}

/// Resident memory of the server.
#[derive(Clone, Copy, Default)]
pub(super) struct Memory {
    /// When the attacks began.
    pub(super) before_kib: u64,
    /// The most during the attacks.
    pub(super) peak_kib: u64,
    /// At the end, after a rest.
    pub(super) after_kib: u64,
}

/// What it came to.
pub(super) struct Figures {
    sent: usize,
    lost: usize,
    again: [usize; 2],
    calm: Latency,
    attacked: Latency,
    memory: Memory,
    /// How long it was attacked.
    during: Duration,
}

impl Figures {
    pub(super) fn new(talks: Vec<Talk>, began: Instant, attacked: Range<Instant>, memory: Memory) -> Self {
        let (mut messages, mut lost, mut again) = (Vec::new(), 0, [0, 0]);
        for talk in talks {
            let (of_talk, lost_of_talk, again_of_talk) = talk.outcome();
            messages.extend(of_talk);
            lost += lost_of_talk;
            again = [again[0] + again_of_talk[0], again[1] + again_of_talk[1]];
        }
        let attacked = attacked.start - began..attacked.end - began;
        let latency = |during: &dyn Fn(&Duration) -> bool| {
            let counted = messages.iter().filter(|message| during(&message.due));
            Latency::of(counted.filter_map(|message| Some(message.received?.saturating_sub(message.due))).collect())
        };
        Self {
            sent: messages.len(),
            lost,
            again,
            calm: latency(&|due| *due < attacked.start),
            attacked: latency(&|due| attacked.contains(due)),
            memory,
            during: attacked.end - attacked.start,
        }
    }

    #[expect(clippy::print_stdout, reason = "the figures are what the program is for")]
    pub(super) fn print(&self, answers: &Answers<'_>) {
        println!("| what | figure |\n|---|---|");
        for line in answers.lines(self.during) {
            println!("{line}");
        }
        println!("| messages sent, lost | {}, {} |", self.sent, self.lost);
        println!(
            "| requests of the talks that were tried again: refused, connection broken | {}, {} |",
            self.again[0], self.again[1]
        );
        for (when, latency) in [("before", self.calm), ("under attack", self.attacked)] {
            let Latency { p50_ms, p99_ms, max_ms } = latency;
            println!("| sent to received {when}: p50, p99, longest | {p50_ms:.1}, {p99_ms:.1}, {max_ms:.1} ms |");
        }
        let mib = |kib: u64| kib as f64 / 1024.0;
        let Memory { before_kib, peak_kib, after_kib } = self.memory;
        let figures = format!("{:.1}, {:.1}, {:.1} MiB", mib(before_kib), mib(peak_kib), mib(after_kib));
        println!("| resident memory before, at its peak, after a rest | {figures} |");
    }

    /// Whether the people noticed nothing.
    ///
    /// # Errors
    /// What they noticed.
    pub(super) fn judge(&self, answers: &Answers<'_>) -> Result<()> {
        let mut faults: Vec<String> = answers.weak(self.during).collect();
        if self.lost > 0 {
            faults.push(format!("{} messages were acknowledged and never received", self.lost));
        }
        // Also when there is no figure at all.
        if self.attacked.p99_ms.is_nan() || self.attacked.p99_ms > RECEIVE_P99_MS {
            faults.push(format!("one message in a hundred took longer than {RECEIVE_P99_MS} ms"));
        }
        if self.memory.after_kib > self.memory.before_kib * (100 + MEMORY_MORE_PERCENT) / 100 {
            faults.push(format!("memory is not back to within {MEMORY_MORE_PERCENT} % after the rest"));
        }
        if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("; ")) }
    }
}
