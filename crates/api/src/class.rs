//! What kinds of endpoints there are, and what a request to one of each may cost.

use std::time::Duration;

/// What an endpoint does, which decides what a request to it may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Reads what everybody may read. Counted by address.
    Public,
    /// Reads people's profiles: for strangers only where the admin lets them.
    Profile,
    /// Reads the public list of rooms: for strangers only where the admin lets them.
    RoomList,
    /// Tries a name, a password or a token. Counted by address, and by account where one is named.
    Login,
    /// Reads for somebody who is logged in.
    Read,
    /// Waits for something new.
    Sync,
    /// Writes.
    Write,
    /// Ends sessions, also those of a locked account.
    Logout,
    /// Writes what is large by nature: keys of many devices, backups.
    Bulk,
    /// Takes media in; the handler bounds its bytes, which an admin chooses.
    Upload,
    /// Gives media out.
    Download,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 11] = [
        Self::Public,
        Self::Profile,
        Self::RoomList,
        Self::Login,
        Self::Read,
        Self::Sync,
        Self::Write,
        Self::Logout,
        Self::Bulk,
        Self::Upload,
        Self::Download,
    ];

    /// Its word, for monitoring.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Profile => "profile",
            Self::RoomList => "room_list",
            Self::Login => "login",
            Self::Read => "read",
            Self::Sync => "sync",
            Self::Write => "write",
            Self::Logout => "logout",
            Self::Bulk => "bulk",
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }

    /// Whether only somebody who is logged in comes in, unless the admin says otherwise: `Strangers::may_ask`.
    #[must_use]
    pub const fn needs_session(self) -> bool {
        !matches!(self, Self::Public | Self::Login)
    }

    /// Whether the owner of a locked account comes in (spec: "Account locking").
    #[must_use]
    pub const fn admits_locked(self) -> bool {
        matches!(self, Self::Logout)
    }

    /// The largest body, bytes; none where the handler counts.
    #[must_use]
    pub const fn body_bytes_max(self) -> Option<usize> {
        match self {
            Self::Public | Self::Profile | Self::RoomList | Self::Login | Self::Logout | Self::Download => Some(64 << 10),
            // A PDU has at most 64 KiB and some escapes; sliding sync names rooms and state, search and queries people.
            Self::Read | Self::Sync | Self::Write => Some(1 << 20),
            Self::Bulk => Some(4 << 20),
            Self::Upload => None,
        }
    }

    /// How long a request may take, its body and a wait of `sync_timeout_max` included.
    #[must_use]
    pub const fn deadline(self, sync_timeout_max: Duration) -> Duration {
        const USUAL: Duration = Duration::from_secs(30);
        match self {
            Self::Public | Self::Profile | Self::RoomList | Self::Login | Self::Read | Self::Write | Self::Logout => USUAL,
            Self::Bulk => Duration::from_secs(60),
            Self::Sync => sync_timeout_max.saturating_add(USUAL),
            Self::Upload | Self::Download => Duration::from_secs(600),
        }
    }
}
