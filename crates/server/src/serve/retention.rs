//! Lets go what is older than an admin wants to keep, if they do.

use std::time::Duration;

use engine::{Ended, Engine, SubmitError};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// The first look waits until the machine's clock has been set over the network: what is gone does not come back.
const FIRST: Duration = Duration::from_secs(600);
const EVERY: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Starts to look, for as long as the runtime runs, for what is older than `days`; for nothing without them.
pub(super) fn spawn(engine: &Engine, days: Option<u32>) {
    let Some(days) = days else { return };
    tracing::info!(retention.days = days, "messages and files are erased at this age");
    tokio::spawn(look(engine.clone(), DAY * days));
}

async fn look(engine: Engine, age: Duration) {
    let mut ticks = interval_at(Instant::now() + FIRST, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match engine.end_old(age).await {
            Ok(ended) if ended == Ended::default() => {}
            Ok(Ended { messages, files }) => {
                tracing::info!(retention.messages = messages, retention.files = files, "what was old was erased");
            }
            Err(SubmitError::Stopping) => return,
            Err(error) => tracing::warn!(retention.error = %error, "what is old is kept; looking again later"),
        }
    }
}
