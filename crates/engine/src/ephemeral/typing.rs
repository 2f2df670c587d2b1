//! Who types where, within bounds: typing is a courtesy, and a notice for which there is no room is not passed on.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};
use tokio::{task::AbortHandle, time::Instant};

/// Rooms whose last change is remembered.
const ROOMS_MAX: usize = 100_000;
/// Rooms that one person types in at once.
pub const TYPING_ROOMS_OF_ONE_MAX: usize = 16;

/// Typing in all rooms.
pub(super) struct TypingRooms {
    rooms: HashMap<OwnedRoomId, TypingRoom>,
    /// In how many rooms a person types.
    of_one: HashMap<OwnedUserId, usize>,
    /// Of the rooms that somebody types in: they are woken when it ends.
    members: usize,
    members_max: usize,
}

#[derive(Default)]
struct TypingRoom {
    changed: u64,
    /// Who made that change.
    changed_by: Option<OwnedUserId>,
    /// The newest change by anybody else: news for those who ignore whoever made the newest.
    changed_by_others: u64,
    typing: BTreeMap<OwnedUserId, Notice>,
    /// Whom it concerns, while somebody types.
    members: Arc<[OwnedUserId]>,
}

impl TypingRoom {
    /// Takes note of a change and who made it.
    fn took(&mut self, change: u64, user: &UserId) {
        if self.changed_by.as_deref() != Some(user) {
            self.changed_by_others = self.changed;
            self.changed_by = Some(user.to_owned());
        }
        self.changed = change;
    }
}

/// That somebody types. Its timer ends with it.
pub(super) struct Notice {
    pub(super) until: Instant,
    pub(super) timer: AbortHandle,
}

impl Drop for Notice {
    fn drop(&mut self) {
        self.timer.abort();
    }
}

impl TypingRooms {
    /// Nobody types. The rooms that somebody types in may have so many members.
    pub(super) fn new(members_max: usize) -> Self {
        Self { rooms: HashMap::new(), of_one: HashMap::new(), members: 0, members_max }
    }

    /// Who types in a room, without those whom the asker `ignores`, if that changed after change number `since`.
    pub(super) fn since(&self, room: &RoomId, since: u64, ignores: impl Fn(&UserId) -> bool) -> Option<Vec<OwnedUserId>> {
        let room = self.rooms.get(room)?;
        let hides_newest = room.changed_by.as_ref().is_some_and(|user| ignores(user));
        let changed = if hides_newest { room.changed_by_others } else { room.changed };
        (changed > since).then(|| room.typing.keys().filter(|user| !ignores(user)).cloned().collect())
    }

    /// Until when a person types.
    pub(super) fn until(&self, room: &RoomId, user: &UserId) -> Option<Instant> {
        Some(self.rooms.get(room)?.typing.get(user)?.until)
    }

    /// Lets a person who types already go on until then; false when they do not.
    pub(super) fn renew(&mut self, room: &RoomId, user: &UserId, until: Instant) -> bool {
        let notice = self.rooms.get_mut(room).and_then(|room| room.typing.get_mut(user));
        notice.map(|notice| notice.until = until).is_some()
    }

    /// Whether one more notice has room, in a room of so many members.
    pub(super) fn has_place(&self, user: &UserId, members: usize) -> bool {
        let of_one = self.of_one.get(user).copied().unwrap_or_default();
        of_one < TYPING_ROOMS_OF_ONE_MAX && self.members.saturating_add(members) <= self.members_max
    }

    /// Takes the notice of somebody who did not type.
    pub(super) fn start(&mut self, room: &RoomId, user: &UserId, notice: Notice, members: Arc<[OwnedUserId]>, change: u64) {
        if self.rooms.len() >= ROOMS_MAX && !self.rooms.contains_key(room) {
            self.rooms.retain(|_, room| !room.typing.is_empty());
        }
        let room = self.rooms.entry(room.to_owned()).or_default();
        room.took(change, user);
        self.members = self.members - room.members.len() + members.len();
        room.members = members;
        if room.typing.insert(user.to_owned(), notice).is_none() {
            *self.of_one.entry(user.to_owned()).or_default() += 1;
        }
    }

    /// Ends the notice of a person; gives whom that concerns, if they typed.
    pub(super) fn stop(&mut self, room: &RoomId, user: &UserId, change: u64) -> Option<Arc<[OwnedUserId]>> {
        let room = self.rooms.get_mut(room)?;
        room.typing.remove(user)?;
        room.took(change, user);
        let members = Arc::clone(&room.members);
        if room.typing.is_empty() {
            self.members -= room.members.len();
            room.members = Arc::default();
        }
        if let Some(rooms) = self.of_one.get_mut(user) {
            *rooms -= 1;
            if *rooms == 0 {
                self.of_one.remove(user);
            }
        }
        Some(members)
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> (usize, usize, usize) {
        (self.rooms.values().map(|room| room.typing.len()).sum(), self.of_one.values().sum(), self.members)
    }
}
