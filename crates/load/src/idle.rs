//! What a poll that waits for nothing costs the server in memory: its connection and all it keeps for the request.

use std::{convert::Infallible, time::Duration};

use anyhow::{Result, bail};
use futures_util::future::try_join_all;
use tokio::time::sleep;

use crate::{connection::Target, conversation::Receiver, process::Process, report::Idle, setup::Conversation};

/// Until every poll has reached the server and memory has settled.
const SETTLE: Duration = Duration::from_secs(5);
const WAIT: Duration = Duration::from_secs(60);

/// Polls spread evenly over the receivers, each on a connection of its own.
pub(crate) async fn measure(
    target: &Target,
    conversations: &[Conversation],
    polls: usize,
    process: Option<&Process>,
) -> Result<Idle> {
    let receivers = try_join_all(conversations.iter().map(|one| Receiver::new(target, one))).await?;
    sleep(SETTLE).await;
    let before = process.map(Process::resident_kib).transpose()?;
    let mut waiting = Vec::with_capacity(polls);
    for receiver in receivers.iter().cycle().take(polls) {
        waiting.push(receiver.again(target).await?);
    }
    let polling = try_join_all(waiting.into_iter().map(poll_for_ever));
    let measuring = async {
        sleep(SETTLE).await;
        process.map(Process::resident_kib).transpose()
    };
    let after = tokio::select! {
        after = measuring => after?,
        failed = polling => match failed {
            Err(error) => return Err(error),
            Ok(_) => bail!("the polls ended"),
        },
    };
    let kib_per_poll = before.zip(after).map(|(before, after)| (after as f64 - before as f64) / polls as f64);
    Ok(Idle { polls, kib_per_poll })
}

async fn poll_for_ever(mut receiver: Receiver<'_>) -> Result<Infallible> {
    loop {
        receiver.poll(WAIT).await?;
    }
}
