//! The port by which pushes go out, and how fast they do.

use std::time::Duration;

use async_trait::async_trait;

/// Why a push was not taken, in words that name neither address nor person.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PushError(pub String);

/// Where pushes go out.
#[async_trait]
pub trait PushGateway: Send + Sync {
    /// Posts `body`, a notification as the Push Gateway API has it, and returns the push keys that the gateway rejects: those are to be
    /// told nothing any more. It ends by itself within a bounded time.
    ///
    /// # Errors
    /// [`PushError`] when it was not taken, or nobody can tell.
    async fn notify(&self, url: &str, body: Vec<u8>) -> Result<Vec<String>, PushError>;
}

/// How fast pushers are served.
#[derive(Clone, Copy, Debug)]
pub struct PushPace {
    /// One pusher looks for news no more often; what came meanwhile is told together.
    pub look_every: Duration,
    /// The pause after the first failure, and the longest one; each is twice the one before, by chance up to half longer or shorter.
    pub retry: (Duration, Duration),
    /// How soon it is written down that something was told.
    pub keep_after: Duration,
}

impl Default for PushPace {
    fn default() -> Self {
        Self {
            look_every: Duration::from_secs(1),
            retry: (Duration::from_secs(1), Duration::from_secs(3_600)),
            keep_after: Duration::from_secs(10),
        }
    }
}
