//! Waiting for what the server does by itself, with a bound.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

const PAUSE: Duration = Duration::from_millis(10);

/// Asks until the answer is none for "nothing is missing". What is missing is said when that is so after `most`.
pub async fn until_nothing_is_missing(most: Duration, mut ask: impl AsyncFnMut() -> Result<Option<String>>) -> Result<()> {
    let since = Instant::now();
    while let Some(missing) = ask().await? {
        ensure!(since.elapsed() < most, "after {most:?} still: {missing}");
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
