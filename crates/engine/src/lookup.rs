//! What decisions ask for beside their state, answered from one snapshot of the views.

use std::{cell::OnceCell, collections::BTreeSet};

use domain::{
    Fact, Stream,
    lookup::{FoundEvent, FoundMedia, FoundUpload, Lookup, LookupError},
    room::MemberProfile,
    user::to_device::InboxFill,
};
use event_log::Reader;
use projection::Rows;
use ruma::{
    CanonicalJsonObject, DeviceId, EventId, OwnedDeviceId, OwnedRoomId, RoomAliasId, RoomId, UserId,
    events::{StateEventType, room::member::MembershipState},
};
use views::{accounts, aliases, inbox, keys, media, media::MediaRow, membership, rooms};

use crate::codec::{fact_at, payloads_of};

/// Answers from the views as they are when the first question is asked. Most decisions ask none.
pub(crate) struct ViewsLookup<'a> {
    open: &'a dyn Fn() -> Box<dyn Rows + 'a>,
    log: &'a Reader,
    snapshot: OnceCell<Box<dyn Rows + 'a>>,
}

impl<'a> ViewsLookup<'a> {
    /// `open` gives the views as they are at that moment; `log` is what they were folded from.
    pub(crate) fn new(open: &'a dyn Fn() -> Box<dyn Rows + 'a>, log: &'a Reader) -> Self {
        Self { open, log, snapshot: OnceCell::new() }
    }

    fn rows(&self) -> &dyn Rows {
        &**self.snapshot.get_or_init(self.open)
    }
}

/// Says in an error what was looked up.
fn looked_up<T, E: std::error::Error + Send + Sync + 'static>(
    what: &'static str,
    found: Result<T, E>,
) -> Result<T, LookupError> {
    found.map_err(|error| LookupError::new(what, error))
}

impl Lookup for ViewsLookup<'_> {
    fn is_account(&self, user: &UserId) -> Result<bool, LookupError> {
        looked_up("an account", accounts::account(self.rows(), user)).map(|account| account.is_some())
    }

    fn is_to_be_erased(&self, user: &UserId) -> Result<bool, LookupError> {
        looked_up("whether an account is erased", accounts::erasure(self.rows(), user)).map(|erasure| erasure.is_some())
    }

    fn payloads_of(&self, stream: &Stream, user: &UserId, after: u64, limit: usize) -> Result<Vec<u64>, LookupError> {
        looked_up("what the log says of a person", payloads_of(self.log, stream, user, after, limit))
    }

    fn is_admin(&self, user: &UserId) -> Result<bool, LookupError> {
        looked_up("an admin", accounts::is_admin(self.rows(), user))
    }

    fn profile(&self, user: &UserId) -> Result<MemberProfile, LookupError> {
        looked_up("a profile", accounts::member_profile(self.rows(), user))
    }

    fn membership(&self, room: &RoomId, user: &UserId) -> Result<Option<MembershipState>, LookupError> {
        looked_up("a membership", membership::member(self.rows(), room, user)).map(|member| member.map(|m| m.membership))
    }

    fn is_forgotten(&self, room: &RoomId, user: &UserId) -> Result<bool, LookupError> {
        looked_up("whether a room is forgotten", membership::is_forgotten(self.rows(), room, user))
    }

    fn may_set(&self, room: &RoomId, user: &UserId, event_type: &StateEventType) -> Result<bool, LookupError> {
        if self.membership(room, user)? != Some(MembershipState::Join) {
            return Ok(false);
        }
        let levels = looked_up("power levels", rooms::power_levels_of(self.rows(), room))?;
        Ok(levels.is_some_and(|levels| levels.user_can_send_state(user, event_type.clone())))
    }

    fn state(
        &self,
        room: &RoomId,
        event_type: &StateEventType,
        key: &str,
    ) -> Result<Option<CanonicalJsonObject>, LookupError> {
        let found = looked_up("state", rooms::state_event(self.rows(), room, &event_type.to_string(), key))?;
        Ok(found.and_then(|(_, row)| row.content_as()))
    }

    fn room_of_alias(&self, alias: &RoomAliasId) -> Result<Option<OwnedRoomId>, LookupError> {
        looked_up("an address", aliases::target_of(self.rows(), alias)).map(|target| target.map(|target| target.room_id))
    }

    fn event(&self, room: &RoomId, event: &EventId) -> Result<Option<FoundEvent>, LookupError> {
        let Some((position, row)) = looked_up("an event", rooms::entry_of(self.rows(), room, event))? else {
            return Ok(None);
        };
        let fact = match row.redacted_by {
            Some(_) => None,
            None => looked_up("an event's record", fact_at(self.log, position))?,
        };
        let added = match fact {
            Some(Fact::PduAdded(added)) => Some(added),
            _ => None,
        };
        Ok(Some(FoundEvent { position, sender: row.sender, added }))
    }

    fn is_of_thread(&self, room: &RoomId, event: &EventId, thread: &str) -> Result<bool, LookupError> {
        looked_up("the thread of an event", rooms::is_of_thread(self.rows(), room, event, thread))
    }

    fn may_see(&self, room: &RoomId, user: &UserId, position: u64) -> Result<bool, LookupError> {
        looked_up("who may see an event", membership::reaches(self.rows(), room, user, position))
    }

    fn devices(&self, user: &UserId) -> Result<BTreeSet<OwnedDeviceId>, LookupError> {
        let sessions = looked_up("devices", accounts::devices(self.rows(), user))?;
        let with_keys = looked_up("devices with keys", keys::devices_with_keys(self.rows(), user))?;
        Ok(sessions.into_iter().map(|device| device.device_id).chain(with_keys).collect())
    }

    fn inbox(&self, user: &UserId, device: &DeviceId, until: u64, limit: usize) -> Result<Vec<u64>, LookupError> {
        looked_up("waiting messages", inbox::delivered(self.rows(), user, device, until, limit))
    }

    fn inbox_fill(&self, user: &UserId, device: &DeviceId, sender: &UserId) -> Result<InboxFill, LookupError> {
        looked_up("how much waits for a device", inbox::fill(self.rows(), user, device, sender))
    }

    fn inbox_oldest_ms(&self, user: &UserId, device: &DeviceId) -> Result<Option<u64>, LookupError> {
        looked_up("since when a message waits", inbox::oldest_ms(self.rows(), user, device))
    }

    fn master_key(&self, user: &UserId) -> Result<Option<CanonicalJsonObject>, LookupError> {
        looked_up("a master key", keys::master_key(self.rows(), user))
    }

    fn media(&self, media_id: &str) -> Result<Option<FoundMedia>, LookupError> {
        let found = looked_up("media", media::media(self.rows(), media_id))?;
        Ok(found.map(|row| match row {
            MediaRow::Awaited { user_id, .. } => FoundMedia { owner: user_id, uploaded: None },
            MediaRow::Uploaded { media, position } => FoundMedia {
                owner: media.user_id,
                uploaded: Some(FoundUpload { digest: media.digest.0, size_bytes: media.size_bytes, position }),
            },
        }))
    }

    fn media_bytes(&self) -> Result<u64, LookupError> {
        looked_up("how much media there is", media::total_bytes(self.rows()))
    }
}
