//! The figures, for people and as one line of JSON.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

/// One server.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) url: String,
    pub(crate) conversations: usize,
    pub(crate) body_bytes: usize,
    /// Resident memory when the load began, users and rooms not yet made.
    pub(crate) resident_at_start_kib: Option<u64>,
    pub(crate) phases: Vec<Phase>,
    pub(crate) idle: Option<Idle>,
}

#[derive(Serialize)]
pub(crate) struct Phase {
    /// Messages a second that were asked for; nothing in a closed loop.
    pub(crate) rate_per_s: Option<u32>,
    /// Messages a second that the server acknowledged.
    pub(crate) sends_per_s: f64,
    /// From sending, or from when it was due, to the answer to the sender.
    pub(crate) reply: Latency,
    /// From sending, or from when it was due, to the receiver's sync.
    pub(crate) receive: Latency,
    /// Includes the receiver's polls.
    pub(crate) cpu_us_per_message: Option<f64>,
    /// Acknowledged and never received.
    pub(crate) lost: usize,
    /// Resident memory when the last message had arrived.
    pub(crate) resident_kib: Option<u64>,
}

#[derive(Clone, Copy, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

impl Latency {
    /// Of no samples at all: not a number, which JSON writes as null.
    pub(crate) fn of(mut samples: Vec<Duration>) -> Self {
        samples.sort_unstable();
        let at = |percent: usize| {
            let rank = (samples.len() * percent).div_ceil(100);
            samples.get(rank.saturating_sub(1)).map_or(f64::NAN, |sample| sample.as_secs_f64() * 1e3)
        };
        Self { p50_ms: at(50), p99_ms: at(99), max_ms: at(100) }
    }
}

#[derive(Serialize)]
pub(crate) struct Idle {
    pub(crate) polls: usize,
    /// Growth of the resident memory for each poll.
    pub(crate) kib_per_poll: Option<f64>,
}

impl Report {
    #[expect(clippy::print_stdout, reason = "the report is what the program is for")]
    pub(crate) fn print(&self) {
        println!("{}: {} conversations, {} bytes of ciphertext", self.url, self.conversations, self.body_bytes);
        if let Some(kib) = self.resident_at_start_kib {
            println!("  memory at start      {:8.1} MiB", kib as f64 / 1024.0);
        }
        if let Some(Idle { polls, kib_per_poll: Some(kib) }) = self.idle {
            println!("  waiting poll         {kib:8.1} KiB, of {polls}");
        }
        for phase in &self.phases {
            match phase.rate_per_s {
                None => println!("  closed loop"),
                Some(rate) => println!("  {rate} messages a second"),
            }
            println!("    acknowledged       {:8.0} /s", phase.sends_per_s);
            println!("    reply     p50, p99 {:8.2} {:8.2} ms", phase.reply.p50_ms, phase.reply.p99_ms);
            println!("    receiver  p50, p99 {:8.2} {:8.2} ms", phase.receive.p50_ms, phase.receive.p99_ms);
            if let Some(cpu) = phase.cpu_us_per_message {
                println!("    server CPU         {cpu:8.0} µs a message");
            }
            if let Some(kib) = phase.resident_kib {
                println!("    memory at the end  {:8.1} MiB", kib as f64 / 1024.0);
            }
            println!("    lost               {:8}", phase.lost);
        }
    }
}

/// All servers of a run, on one line.
#[expect(clippy::print_stdout, reason = "the report is what the program is for")]
pub(crate) fn print_json(reports: &[Report]) -> Result<()> {
    println!("{}", serde_json::to_string(reports)?);
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a command-line program says why it failed")]
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("load: {error:#}");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Latency;

    #[test]
    fn percentiles_of_a_hundred_samples() {
        let latency = Latency::of((1..=100).rev().map(Duration::from_millis).collect());
        assert_eq!((latency.p50_ms, latency.p99_ms, latency.max_ms), (50.0, 99.0, 100.0));
        assert!(Latency::of(Vec::new()).p50_ms.is_nan());
    }
}
