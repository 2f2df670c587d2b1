//! What to tell a person about the link to the server: nothing while it works, plain words when it does not.

/// The state of the sync loop as the client sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// The first sync has not been answered yet.
    #[default]
    Connecting,
    /// Syncing.
    Online,
    /// The server cannot be reached; retried on its own.
    Offline,
    /// The loop stopped with an error that retrying may cure.
    Failed,
    /// The server no longer knows this session.
    SignedOut,
}

impl Connection {
    /// The line shown above the chats; `None` when there is nothing to say.
    pub fn notice(self) -> Option<&'static str> {
        match self {
            Self::Connecting | Self::Online | Self::SignedOut => None,
            Self::Offline => Some("You’re offline. Messages are sent when the connection is back."),
            Self::Failed => Some("The connection was lost. Trying again…"),
        }
    }

    /// How long to wait before attempt `attempt` (from 0): doubling from 1 s up to 30 s.
    pub fn retry_delay_ms(attempt: u32) -> u32 {
        1_000_u32.saturating_mul(1 << attempt.min(5)).min(30_000)
    }
}

#[cfg(test)]
mod tests {
    use super::Connection;

    #[test]
    fn retries_back_off_and_stay_bounded() {
        let delays: Vec<_> = (0..8).map(Connection::retry_delay_ms).collect();
        assert_eq!(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(Connection::retry_delay_ms(u32::MAX), 30_000);
    }

    #[test]
    fn only_trouble_is_announced() {
        assert!(Connection::Online.notice().is_none());
        assert!(Connection::Connecting.notice().is_none());
        assert!(Connection::Offline.notice().is_some());
    }
}
