//! The names of the log's streams: a stream is what one lane decides on, one command at a time.

use std::{fmt, str::FromStr};

use ruma::{OwnedRoomId, OwnedUserId};

/// A stream of the log. Its text form stands in record headers, for example `room:!abc:example.org`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// One room: its PDUs.
    Room(OwnedRoomId),
    /// One person's account: sessions, devices, keys, profile, account data, receipts.
    User(OwnedUserId),
    /// What waits for one person's devices. Appended to by any sender's lane, decided on by none.
    Inbox(OwnedUserId),
    /// One person's server-side backup of room keys.
    Backup(OwnedUserId),
    /// What must be unique on the whole server: user names, email addresses, room aliases.
    Directory,
    /// Which effects of facts are done.
    Outbox,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(id) => write!(f, "room:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Inbox(id) => write!(f, "inbox:{id}"),
            Self::Backup(id) => write!(f, "backup:{id}"),
            Self::Directory => f.write_str("directory"),
            Self::Outbox => f.write_str("outbox"),
        }
    }
}

/// The text is not the name of a stream that this version knows.
#[derive(Debug, thiserror::Error)]
#[error("unknown stream {0:?}")]
pub struct UnknownStream(String);

impl FromStr for Stream {
    type Err = UnknownStream;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownStream(text.to_owned());
        let user = |id: &str| OwnedUserId::try_from(id).map_err(|_| unknown());
        match text.split_once(':') {
            None if text == "directory" => Ok(Self::Directory),
            None if text == "outbox" => Ok(Self::Outbox),
            Some(("room", id)) => OwnedRoomId::try_from(id).map(Self::Room).map_err(|_| unknown()),
            Some(("user", id)) => user(id).map(Self::User),
            Some(("inbox", id)) => user(id).map(Self::Inbox),
            Some(("backup", id)) => user(id).map(Self::Backup),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;

    #[test]
    fn names_round_trip() {
        for name in ["room:!a:h.example", "room:!v12roomid", "user:@a:h", "inbox:@a:h", "backup:@a:h", "directory", "outbox"]
        {
            let stream: Stream = name.parse().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(stream.to_string(), name);
        }
        for name in ["", "room", "room:abc", "user:a", "log", "directory:x"] {
            assert!(name.parse::<Stream>().is_err(), "{name}");
        }
    }
}
