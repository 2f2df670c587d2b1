//! The read port of decisions: what a rule needs to know besides the state that it decides on.
//!
//! Commands carry ids; what stands behind an id is asked for here, under the lane, so that no caller can say it wrongly. The
//! answers are those of one moment: what was acknowledged before the decision began.

#[cfg(test)]
pub(crate) mod fixture;

use std::{collections::BTreeSet, error::Error, sync::Arc};

use ruma::{
    CanonicalJsonObject, DeviceId, EventId, OwnedDeviceId, OwnedRoomId, OwnedUserId, RoomAliasId, RoomId, UserId,
    events::{StateEventType, room::member::MembershipState},
};

use crate::{
    Stream,
    room::{MemberProfile, PduAdded},
    user::to_device::InboxFill,
};

/// What decisions can ask for. Every question costs a few point reads.
pub trait Lookup {
    /// Whether there is or was such an account on this server.
    fn is_account(&self, user: &UserId) -> Result<bool, LookupError>;

    /// Whether an account was closed so that what can be forgotten of its owner is forgotten.
    fn is_to_be_erased(&self, user: &UserId) -> Result<bool, LookupError>;

    /// Positions of payloads in a stream that go with a person ([`crate::Fact::goes_with`]) and are there still, after a position, rising, at
    /// most `limit`. This one reads the stream from there on.
    fn payloads_of(&self, stream: &Stream, user: &UserId, after: u64, limit: usize) -> Result<Vec<u64>, LookupError>;

    /// Whether an account is an admin of this server.
    fn is_admin(&self, user: &UserId) -> Result<bool, LookupError>;

    /// The name and the avatar of a person; empty for people who are not known.
    fn profile(&self, user: &UserId) -> Result<MemberProfile, LookupError>;

    /// What a person is in a room; none if they never had to do with it.
    fn membership(&self, room: &RoomId, user: &UserId) -> Result<Option<MembershipState>, LookupError>;

    /// Whether a person has forgotten a room since they left it.
    fn is_forgotten(&self, room: &RoomId, user: &UserId) -> Result<bool, LookupError>;

    /// Whether a person may set a piece of state of a room, being joined to it.
    fn may_set(&self, room: &RoomId, user: &UserId, event_type: &StateEventType) -> Result<bool, LookupError>;

    /// The content of a piece of current state.
    fn state(
        &self,
        room: &RoomId,
        event_type: &StateEventType,
        key: &str,
    ) -> Result<Option<CanonicalJsonObject>, LookupError>;

    /// The room that an address leads to.
    fn room_of_alias(&self, alias: &RoomAliasId) -> Result<Option<OwnedRoomId>, LookupError>;

    /// An event of a room.
    fn event(&self, room: &RoomId, event: &EventId) -> Result<Option<FoundEvent>, LookupError>;

    /// Whether a receipt for an event of a room may be of a thread: `main` or the id of a thread's root.
    fn is_of_thread(&self, room: &RoomId, event: &EventId, thread: &str) -> Result<bool, LookupError>;

    /// Whether a person may see what stands at a position of a room.
    fn may_see(&self, room: &RoomId, user: &UserId, position: u64) -> Result<bool, LookupError>;

    /// The devices of a person's sessions, and those that have keys without a session.
    fn devices(&self, user: &UserId) -> Result<BTreeSet<OwnedDeviceId>, LookupError>;

    /// Positions of the messages that wait for a device and stand at or before `until`, oldest first, at most `limit`.
    fn inbox(&self, user: &UserId, device: &DeviceId, until: u64, limit: usize) -> Result<Vec<u64>, LookupError>;

    /// How much waits for a device from a sender, and from everybody but the device's owner.
    fn inbox_fill(&self, user: &UserId, device: &DeviceId, sender: &UserId) -> Result<InboxFill, LookupError>;

    /// When the oldest message that waits for a device came, milliseconds since the epoch; none when none waits.
    fn inbox_oldest_ms(&self, user: &UserId, device: &DeviceId) -> Result<Option<u64>, LookupError>;

    /// A person's master cross-signing key.
    fn master_key(&self, user: &UserId) -> Result<Option<CanonicalJsonObject>, LookupError>;

    /// What is at an address for media, given the last part of the address.
    fn media(&self, media_id: &str) -> Result<Option<FoundMedia>, LookupError>;

    /// What counts towards the quota of the whole server, bytes.
    fn media_bytes(&self) -> Result<u64, LookupError>;
}

/// An address for media.
#[derive(Clone, Debug)]
pub struct FoundMedia {
    /// Who has reserved it or uploaded to it.
    pub owner: OwnedUserId,
    /// What was uploaded; none while that is awaited.
    pub uploaded: Option<FoundUpload>,
}

/// What was uploaded to an address.
#[derive(Clone, Debug)]
pub struct FoundUpload {
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
    /// How many bytes.
    pub size_bytes: u64,
    /// Where in the log it is recorded.
    pub position: u64,
}

/// An event as the log holds it.
#[derive(Clone, Debug)]
pub struct FoundEvent {
    /// Where in the log it is.
    pub position: u64,
    /// Who sent it.
    pub sender: OwnedUserId,
    /// The PDU and its transaction; none when it was redacted and its payload erased.
    pub added: Option<PduAdded>,
}

/// What a decision rests on could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("could not look up {what}")]
pub struct LookupError {
    what: &'static str,
    #[source]
    source: Arc<dyn Error + Send + Sync>,
}

impl LookupError {
    /// `what` could not be read because of `source`.
    pub fn new(what: &'static str, source: impl Error + Send + Sync + 'static) -> Self {
        Self { what, source: Arc::new(source) }
    }
}

/// Knows of nobody and nothing, as a server does that was set up a moment ago.
#[derive(Clone, Copy, Debug, Default)]
pub struct NothingKnown;

impl Lookup for NothingKnown {
    fn is_account(&self, _: &UserId) -> Result<bool, LookupError> {
        Ok(false)
    }

    fn is_to_be_erased(&self, _: &UserId) -> Result<bool, LookupError> {
        Ok(false)
    }

    fn payloads_of(&self, _: &Stream, _: &UserId, _: u64, _: usize) -> Result<Vec<u64>, LookupError> {
        Ok(Vec::new())
    }

    fn is_admin(&self, _: &UserId) -> Result<bool, LookupError> {
        Ok(false)
    }

    fn profile(&self, _: &UserId) -> Result<MemberProfile, LookupError> {
        Ok(MemberProfile::default())
    }

    fn membership(&self, _: &RoomId, _: &UserId) -> Result<Option<MembershipState>, LookupError> {
        Ok(None)
    }

    fn is_forgotten(&self, _: &RoomId, _: &UserId) -> Result<bool, LookupError> {
        Ok(false)
    }

    fn may_set(&self, _: &RoomId, _: &UserId, _: &StateEventType) -> Result<bool, LookupError> {
        Ok(false)
    }

    fn state(&self, _: &RoomId, _: &StateEventType, _: &str) -> Result<Option<CanonicalJsonObject>, LookupError> {
        Ok(None)
    }

    fn room_of_alias(&self, _: &RoomAliasId) -> Result<Option<OwnedRoomId>, LookupError> {
        Ok(None)
    }

    fn event(&self, _: &RoomId, _: &EventId) -> Result<Option<FoundEvent>, LookupError> {
        Ok(None)
    }

    fn is_of_thread(&self, _: &RoomId, _: &EventId, _: &str) -> Result<bool, LookupError> {
        Ok(false)
    }

    fn may_see(&self, _: &RoomId, _: &UserId, _: u64) -> Result<bool, LookupError> {
        Ok(false)
    }

    fn devices(&self, _: &UserId) -> Result<BTreeSet<OwnedDeviceId>, LookupError> {
        Ok(BTreeSet::new())
    }

    fn inbox(&self, _: &UserId, _: &DeviceId, _: u64, _: usize) -> Result<Vec<u64>, LookupError> {
        Ok(Vec::new())
    }

    fn inbox_fill(&self, _: &UserId, _: &DeviceId, _: &UserId) -> Result<InboxFill, LookupError> {
        Ok(InboxFill::default())
    }

    fn inbox_oldest_ms(&self, _: &UserId, _: &DeviceId) -> Result<Option<u64>, LookupError> {
        Ok(None)
    }

    fn master_key(&self, _: &UserId) -> Result<Option<CanonicalJsonObject>, LookupError> {
        Ok(None)
    }

    fn media(&self, _: &str) -> Result<Option<FoundMedia>, LookupError> {
        Ok(None)
    }

    fn media_bytes(&self) -> Result<u64, LookupError> {
        Ok(0)
    }
}
