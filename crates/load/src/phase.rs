//! One phase: all conversations at once, and what it cost the server. The warm-up is part of the run and not of the figures.

use std::time::Duration;

use anyhow::Result;
use futures_util::future::try_join_all;
use tokio::time::{Instant, sleep, sleep_until};

use crate::{
    connection::Target,
    conversation::{self, Message, Messages, Receiver, Schedule},
    process::Process,
    report::{Latency, Phase},
    setup::Conversation,
};

/// How long receivers may take for the last messages before these count as lost.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
const DRAIN_INTERVAL: Duration = Duration::from_millis(50);

/// When messages are sent.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// Each sender sends when its last message was answered.
    Closed,
    /// This many messages a second in all, whatever the server does.
    Rate(u32),
}

/// What a phase works on.
pub(crate) struct Run<'a> {
    pub(crate) target: &'a Target,
    pub(crate) conversations: &'a [Conversation],
    pub(crate) body_bytes: usize,
    pub(crate) process: Option<&'a Process>,
}

impl Run<'_> {
    pub(crate) async fn measure(&self, pace: Pace, warmup: Duration, measured: Duration) -> Result<Phase> {
        let receivers = try_join_all(self.conversations.iter().map(|one| Receiver::new(self.target, one))).await?;
        let began = Instant::now();
        let messages: Vec<Messages> = self.conversations.iter().map(|_| Messages::new(began)).collect();
        let end = warmup + measured;

        let receiving = try_join_all(receivers.into_iter().zip(&messages).map(|(one, list)| one.receive(list)));
        let schedules = self.schedules(pace, end);
        let sending = try_join_all(self.conversations.iter().zip(&messages).zip(&schedules).map(
            |((conversation, list), schedule)| {
                conversation::send(self.target, conversation, list, schedule, self.body_bytes)
            },
        ));
        let spending = async {
            sleep_until(began + warmup).await;
            let before = self.process.map(Process::cpu).transpose()?;
            sleep_until(began + end).await;
            let after = self.process.map(Process::cpu).transpose()?;
            anyhow::Ok(before.zip(after).map(|(before, after)| after.saturating_sub(before)))
        };
        let working = async {
            let (_, cpu) = tokio::try_join!(sending, spending)?;
            drain(&messages).await;
            anyhow::Ok(cpu)
        };
        let cpu = tokio::select! {
            cpu = working => cpu?,
            // Receivers poll for ever: they end only by failing.
            failed = receiving => failed.map(|_| None)?,
        };
        let lost = messages.iter().map(Messages::missing).sum();
        let list = messages.into_iter().flat_map(Messages::into_list).collect();
        let resident_kib = self.process.map(Process::resident_kib).transpose()?;
        Ok(Phase { resident_kib, ..figures(pace, list, warmup..end, cpu, lost) })
    }

    fn schedules(&self, pace: Pace, end: Duration) -> Vec<Schedule> {
        let count = u32::try_from(self.conversations.len()).unwrap_or(u32::MAX);
        let each = |number: u32| match pace {
            Pace::Closed => Schedule { phase: "closed".to_owned(), interval: None, first: Duration::ZERO, end },
            Pace::Rate(rate) => {
                let between = Duration::from_secs(1) / rate;
                Schedule { phase: "rate".to_owned(), interval: Some(between * count), first: between * number, end }
            }
        };
        (0..count).map(each).collect()
    }
}

/// Waits until every acknowledged message has arrived, for a bounded time.
async fn drain(messages: &[Messages]) {
    let limit = Instant::now() + DRAIN_TIMEOUT;
    while messages.iter().any(|list| list.missing() > 0) && Instant::now() < limit {
        sleep(DRAIN_INTERVAL).await;
    }
}

/// What the times of all messages come to.
fn figures(
    pace: Pace,
    messages: Vec<Message>,
    window: std::ops::Range<Duration>,
    cpu: Option<Duration>,
    lost: usize,
) -> Phase {
    let answered = messages.iter().filter_map(|message| message.replied).filter(|replied| window.contains(replied)).count();
    let counted = || messages.iter().filter(|message| window.contains(&message.due));
    let latency = |of: fn(&Message) -> Option<Duration>| {
        Latency::of(counted().filter_map(|message| Some(of(message)?.saturating_sub(message.due))).collect())
    };
    let answered_f = answered as f64;
    Phase {
        rate_per_s: match pace {
            Pace::Closed => None,
            Pace::Rate(rate) => Some(rate),
        },
        sends_per_s: answered_f / (window.end - window.start).as_secs_f64(),
        reply: latency(|message| message.replied),
        receive: latency(|message| message.received),
        cpu_us_per_message: cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / answered_f.max(1.0)),
        lost,
        resident_kib: None,
    }
}
