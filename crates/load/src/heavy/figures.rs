//! What the bystanders noticed, as a table, and whether that is little enough.

use std::{ops::Range, time::Duration};

use anyhow::{Result, bail};
use tokio::time::Instant;

use super::bystanders::Bystanders;
use crate::report::Latency;

/// How much longer one sync in a hundred may take beside the heavy person.
const RATIO_MAX: f64 = 2.0;

/// What it came to. Of pairs the first is before, the second beside the heavy person.
pub(super) struct Figures {
    lost: usize,
    syncs: [Latency; 2],
    messages: [Latency; 2],
    /// The server's, of each phase, in processors.
    cpu: [f64; 2],
    set_up: Duration,
    resident_kib: u64,
}

impl Figures {
    pub(super) fn new(
        bystanders: Bystanders,
        began: Instant,
        phases: [Range<Instant>; 2],
        cpu: [Duration; 2],
        set_up: Duration,
        resident_kib: u64,
    ) -> Self {
        let (messages, lost, _) = bystanders.talk.outcome();
        let syncs = bystanders.syncs.into_inner();
        let measured: Vec<_> = phases.iter().map(|phase| phase.end - phase.start).collect();
        let phases = phases.map(|phase| phase.start - began..phase.end - began);
        let received =
            messages.iter().filter_map(|message| Some((message.due, message.received?.saturating_sub(message.due))));
        let received: Vec<(Duration, Duration)> = received.collect();
        let of = |samples: &[(Duration, Duration)], phase: &Range<Duration>| {
            Latency::of(samples.iter().filter(|(due, _)| phase.contains(due)).map(|(_, took)| *took).collect())
        };
        let [calm, busy] = &phases;
        Self {
            lost,
            syncs: [of(&syncs, calm), of(&syncs, busy)],
            messages: [of(&received, calm), of(&received, busy)],
            cpu: [0, 1].map(|phase| cpu[phase].as_secs_f64() / measured[phase].as_secs_f64()),
            set_up,
            resident_kib,
        }
    }

    #[expect(clippy::print_stdout, reason = "the figures are what the program is for")]
    pub(super) fn print(&self, acts: &[String]) {
        println!("| what | before | beside the heavy person | ratio |\n|---|---|---|---|");
        for (name, [calm, busy]) in [("a sync", self.syncs), ("sent to received", self.messages)] {
            for (which, before, beside) in
                [("p50", calm.p50_ms, busy.p50_ms), ("p99", calm.p99_ms, busy.p99_ms), ("longest", calm.max_ms, busy.max_ms)]
            {
                println!("| {name}, {which} | {before:.1} ms | {beside:.1} ms | {:.2} |", beside / before);
            }
        }
        println!("| processors that the server used | {:.2} | {:.2} | |", self.cpu[0], self.cpu[1]);
        println!("\n| what | figure |\n|---|---|");
        acts.iter().for_each(|line| println!("{line}"));
        println!("| messages of the bystanders that were lost | {} |", self.lost);
        println!("| resident memory at the end | {:.1} MiB |", self.resident_kib as f64 / 1024.0);
        println!("| until the heavy person had all of it | {:.0} s |", self.set_up.as_secs_f64());
    }

    /// Whether the bystanders noticed nothing.
    ///
    /// # Errors
    /// What they noticed.
    pub(super) fn judge(&self) -> Result<()> {
        let mut faults = Vec::new();
        if self.lost > 0 {
            faults.push(format!("{} messages were acknowledged and never received", self.lost));
        }
        let [calm, busy] = self.syncs;
        let ratio = busy.p99_ms / calm.p99_ms;
        // Also when there is no figure at all.
        if ratio.is_nan() || ratio > RATIO_MAX {
            faults.push(format!("one sync in a hundred took {ratio:.2} times as long as before"));
        }
        if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("; ")) }
    }
}
