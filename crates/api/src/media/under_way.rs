//! Uploads under way: what they hold of quotas while their bytes come in, so that those that come side by side do not pass a quota
//! together. Who decides in the end is the person's lane.

use std::{collections::BTreeMap, sync::Arc};

use domain::user::media::{Room, charged_bytes};
use parking_lot::Mutex;
use ruma::{OwnedUserId, UserId};

use crate::error::ApiError;

/// Uploads of one person at once.
const AT_ONCE_MAX: usize = 16;
/// When somebody with too many may try again, milliseconds.
const RETRY_AFTER_MS: u64 = 1_000;

/// All of them. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct UploadsUnderWay {
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    bytes: u64,
    people: BTreeMap<OwnedUserId, Share>,
}

#[derive(Clone, Copy, Default)]
struct Share {
    uploads: usize,
    bytes: u64,
}

/// One of them. Dropped, it holds nothing any more.
pub(super) struct UploadUnderWay {
    all: UploadsUnderWay,
    user_id: OwnedUserId,
    room: Room,
    bytes: u64,
}

impl UploadsUnderWay {
    /// Begins an upload for which there is `room` beside those under way.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` when the person has too many under way.
    pub(super) fn begin(&self, user_id: &UserId, room: Room) -> Result<UploadUnderWay, ApiError> {
        let mut held = self.held.lock();
        let share = held.people.entry(user_id.to_owned()).or_default();
        if share.uploads >= AT_ONCE_MAX {
            return Err(ApiError::Limited { retry_after_ms: RETRY_AFTER_MS });
        }
        share.uploads += 1;
        Ok(UploadUnderWay { all: self.clone(), user_id: user_id.to_owned(), room, bytes: 0 })
    }
}

impl UploadUnderWay {
    /// Holds as much as a file of this size counts; never less than before.
    ///
    /// # Errors
    /// What [`Room::check`] says when the others under way leave too little.
    pub(super) fn hold(&mut self, size_bytes: u64) -> Result<(), ApiError> {
        let wanted = charged_bytes(size_bytes);
        if wanted <= self.bytes {
            return Ok(());
        }
        let mut held = self.all.held.lock();
        let Held { bytes, people } = &mut *held;
        let share = people.entry(self.user_id.clone()).or_default();
        let left = Room {
            person_bytes: self.room.person_bytes.saturating_sub(share.bytes.saturating_sub(self.bytes)),
            total_bytes: self.room.total_bytes.map(|left| left.saturating_sub(bytes.saturating_sub(self.bytes))),
        };
        left.check(wanted)?;
        let more = wanted - self.bytes;
        share.bytes = share.bytes.saturating_add(more);
        *bytes = bytes.saturating_add(more);
        self.bytes = wanted;
        Ok(())
    }
}

impl Drop for UploadUnderWay {
    fn drop(&mut self) {
        let mut held = self.all.held.lock();
        held.bytes = held.bytes.saturating_sub(self.bytes);
        if let Some(share) = held.people.get_mut(&self.user_id) {
            share.uploads -= 1;
            share.bytes = share.bytes.saturating_sub(self.bytes);
            if share.uploads == 0 {
                held.people.remove(&self.user_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::user::media::Room;
    use ruma::user_id;

    use super::{AT_ONCE_MAX, UploadsUnderWay};

    #[test]
    fn uploads_side_by_side_share_what_is_left() {
        let all = UploadsUnderWay::default();
        let (alice, bob) = (user_id!("@alice:h"), user_id!("@bob:h"));
        let room = Room { person_bytes: 100_000, total_bytes: Some(150_000) };
        let mut first = all.begin(alice, room).unwrap();
        let mut second = all.begin(alice, room).unwrap();
        first.hold(60_000).unwrap();
        assert!(second.hold(60_000).is_err(), "beyond the person's quota");
        second.hold(40_000).unwrap();
        let mut bobs = all.begin(bob, room).unwrap();
        assert!(bobs.hold(60_000).is_err(), "beyond the quota of all");
        bobs.hold(50_000).unwrap();
        drop(first);
        bobs.hold(60_000).unwrap();
        second.hold(90_000).unwrap();
        assert!(second.hold(90_001).is_err());
        drop((second, bobs));
        assert!(all.held.lock().people.is_empty() && all.held.lock().bytes == 0);
    }

    #[test]
    fn one_person_has_so_many_under_way() {
        let all = UploadsUnderWay::default();
        let room = Room { person_bytes: u64::MAX, total_bytes: None };
        let mut under_way: Vec<_> = (0..AT_ONCE_MAX).map(|_| all.begin(user_id!("@alice:h"), room).unwrap()).collect();
        assert!(all.begin(user_id!("@alice:h"), room).is_err());
        assert!(all.begin(user_id!("@bob:h"), room).is_ok());
        under_way.pop();
        assert!(all.begin(user_id!("@alice:h"), room).is_ok());
    }
}
