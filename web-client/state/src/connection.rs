//! What to tell a person about the link to the server: nothing while it works, plain words when it does not.

/// The state of the sync loop as the client sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// The first sync has not been answered yet.
    #[default]
    Connecting,
    /// Syncing.
    Online,
    /// The server does not answer; it is asked again.
    Offline,
    /// The server answers, but not to the sync; it is asked again.
    Failed,
    /// The server has locked the account; it is asked again.
    Locked,
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
            Self::Locked => Some(
                "Your account is locked. Ask the person who runs this server. Nothing is lost, and it goes on by itself once it is unlocked.",
            ),
        }
    }

    /// Whether the server is known to be out of reach, so that nothing needs to be asked of it.
    pub fn is_away(self) -> bool {
        matches!(self, Self::Offline | Self::Failed | Self::Locked)
    }
}

#[cfg(test)]
mod tests {
    use super::Connection;

    #[test]
    fn only_trouble_is_announced() {
        assert!(Connection::Online.notice().is_none());
        assert!(Connection::Connecting.notice().is_none());
        assert!(Connection::Offline.notice().is_some());
        assert!(Connection::Locked.notice().is_some_and(|words| words.contains("locked")));
        assert!(Connection::Locked.is_away(), "it takes nothing either");
        assert!(!Connection::Connecting.is_away(), "before the first answer it is not known");
    }
}
