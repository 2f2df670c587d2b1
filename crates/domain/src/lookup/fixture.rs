//! What decisions are told in tests of this crate: one answer to each question, whoever it is about.

use std::collections::{BTreeMap, BTreeSet};

use ruma::{
    CanonicalJsonObject, DeviceId, EventId, OwnedDeviceId, OwnedEventId, OwnedRoomId, OwnedUserId, RoomAliasId, RoomId,
    UserId,
    events::{StateEventType, room::member::MembershipState},
};

use super::{FoundEvent, FoundMedia, Lookup, LookupError};
use crate::{Stream, room::MemberProfile, user::to_device::InboxFill};

/// Everybody has an account and is named after it; the rest is as the fields say.
#[derive(Clone, Default)]
pub(crate) struct Known {
    /// Admins.
    pub(crate) admins: BTreeSet<OwnedUserId>,
    /// Whose accounts were closed to be erased.
    pub(crate) to_be_erased: BTreeSet<OwnedUserId>,
    /// Payloads that go with anybody, in any stream.
    pub(crate) payloads: Vec<u64>,
    /// What people are in rooms.
    pub(crate) membership: Option<MembershipState>,
    /// Whether they may set state.
    pub(crate) may_set: bool,
    /// State by room and type.
    pub(crate) state: BTreeMap<(OwnedRoomId, StateEventType), CanonicalJsonObject>,
    /// Where addresses lead.
    pub(crate) room_of_alias: Option<OwnedRoomId>,
    /// Events.
    pub(crate) events: BTreeMap<OwnedEventId, FoundEvent>,
    /// Devices.
    pub(crate) devices: BTreeSet<OwnedDeviceId>,
    /// What waits for them.
    pub(crate) inbox: Vec<u64>,
    /// How much that is, by device.
    pub(crate) fill: BTreeMap<OwnedDeviceId, InboxFill>,
    /// Since when the oldest waits.
    pub(crate) oldest_ms: Option<u64>,
    /// Master keys.
    pub(crate) master_key: Option<CanonicalJsonObject>,
    /// Media by the last part of their addresses.
    pub(crate) media: BTreeMap<String, FoundMedia>,
    /// What counts towards the quota of the whole server.
    pub(crate) media_bytes: u64,
}

impl Lookup for Known {
    fn is_account(&self, _: &UserId) -> Result<bool, LookupError> {
        Ok(true)
    }

    fn is_to_be_erased(&self, user: &UserId) -> Result<bool, LookupError> {
        Ok(self.to_be_erased.contains(user))
    }

    fn payloads_of(&self, _: &Stream, _: &UserId, after: u64, limit: usize) -> Result<Vec<u64>, LookupError> {
        Ok(self.payloads.iter().copied().filter(|position| *position > after).take(limit).collect())
    }

    fn is_admin(&self, user: &UserId) -> Result<bool, LookupError> {
        Ok(self.admins.contains(user))
    }

    fn profile(&self, user: &UserId) -> Result<MemberProfile, LookupError> {
        Ok(MemberProfile { display_name: Some(user.localpart().to_owned()), avatar_url: None })
    }

    fn membership(&self, _: &RoomId, _: &UserId) -> Result<Option<MembershipState>, LookupError> {
        Ok(self.membership.clone())
    }

    fn is_forgotten(&self, _: &RoomId, _: &UserId) -> Result<bool, LookupError> {
        Ok(false)
    }

    fn may_set(&self, _: &RoomId, _: &UserId, _: &StateEventType) -> Result<bool, LookupError> {
        Ok(self.may_set)
    }

    fn state(
        &self,
        room: &RoomId,
        event_type: &StateEventType,
        _: &str,
    ) -> Result<Option<CanonicalJsonObject>, LookupError> {
        Ok(self.state.get(&(room.to_owned(), event_type.clone())).cloned())
    }

    fn room_of_alias(&self, _: &RoomAliasId) -> Result<Option<OwnedRoomId>, LookupError> {
        Ok(self.room_of_alias.clone())
    }

    fn event(&self, room: &RoomId, event: &EventId) -> Result<Option<FoundEvent>, LookupError> {
        let is_of_room = |found: &&FoundEvent| found.added.as_ref().is_none_or(|added| added.pdu.room_id == room);
        Ok(self.events.get(event).filter(is_of_room).cloned())
    }

    fn is_of_thread(&self, _: &RoomId, _: &EventId, thread: &str) -> Result<bool, LookupError> {
        Ok(!thread.is_empty())
    }

    fn may_see(&self, _: &RoomId, _: &UserId, _: u64) -> Result<bool, LookupError> {
        Ok(self.membership == Some(MembershipState::Join))
    }

    fn devices(&self, _: &UserId) -> Result<BTreeSet<OwnedDeviceId>, LookupError> {
        Ok(self.devices.clone())
    }

    fn inbox(&self, _: &UserId, _: &DeviceId, until: u64, limit: usize) -> Result<Vec<u64>, LookupError> {
        Ok(self.inbox.iter().copied().filter(|position| *position <= until).take(limit).collect())
    }

    fn inbox_fill(&self, _: &UserId, device: &DeviceId, _: &UserId) -> Result<InboxFill, LookupError> {
        Ok(self.fill.get(device).copied().unwrap_or_default())
    }

    fn inbox_oldest_ms(&self, _: &UserId, _: &DeviceId) -> Result<Option<u64>, LookupError> {
        Ok(self.oldest_ms)
    }

    fn master_key(&self, _: &UserId) -> Result<Option<CanonicalJsonObject>, LookupError> {
        Ok(self.master_key.clone())
    }

    fn media(&self, media_id: &str) -> Result<Option<FoundMedia>, LookupError> {
        Ok(self.media.get(media_id).cloned())
    }

    fn media_bytes(&self) -> Result<u64, LookupError> {
        Ok(self.media_bytes)
    }
}
