//! Makes the log forget a person whose account was closed for that. Every step finds by itself what is left to do, so that after a crash
//! all of it is simply done again. The account's own stream comes last: its last fact says that all is done.

use std::collections::BTreeSet;

use domain::{
    backup::EraseBackups,
    directory::EraseEmails,
    room::{ERASED_IN_ROOM_MAX, ErasePerson},
    user::erasure::{EraseAccount, Part},
};
use event_log::{LOG_KIND_PREFIX, Position};
use projection::{Decode as _, Decoded};
use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId, events::room::member::MembershipState};
use views::{
    membership::rooms_with,
    rooms::{Entry, timeline_after},
};

use crate::{Engine, FactDecoder, SubmitError};

/// Events of a room that are looked at together.
const PAGE_EVENTS: usize = 500;

impl Engine {
    /// Erases what was said by a person and of them, once they have left all rooms.
    pub(super) async fn erase_person(&self, user_id: OwnedUserId) -> Result<(), SubmitError> {
        for room_id in self.rooms_ever(&user_id)? {
            self.erase_in_room(room_id, &user_id).await?;
        }
        let mut after = Some(0);
        while let Some(from) = after {
            after = self.submit(EraseEmails { user_id: user_id.clone(), after: from }).await?;
        }
        after = Some(0);
        while let Some(from) = after {
            after = self.submit(EraseBackups { user_id: user_id.clone(), after: from }).await?;
        }
        for part in [Part::Inbox, Part::Account] {
            after = Some(0);
            while let Some(from) = after {
                after = self.submit(EraseAccount { user_id: user_id.clone(), part, after: from }).await?;
            }
        }
        self.effects().erased();
        Ok(())
    }

    /// Positions of the payloads that were erased for somebody between two positions, rising. Reads that part of the log.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn erased_for(&self, user_id: &UserId, from: u64, through: u64) -> Result<Vec<u64>, SubmitError> {
        let mut positions = BTreeSet::new();
        for page in self.log().pages(Position(from)).until(Position(through)) {
            for record in page?.iter().filter(|record| !record.header.kind.starts_with(LOG_KIND_PREFIX)) {
                if record.bytes().is_some()
                    && let Decoded::Fact(fact) = FactDecoder.decode(record)?
                    && fact.erases_for(user_id)
                {
                    positions.extend(fact.erases());
                }
            }
        }
        Ok(positions.into_iter().collect())
    }

    /// Every room that somebody ever had to do with, forgotten ones too.
    fn rooms_ever(&self, user_id: &UserId) -> Result<BTreeSet<OwnedRoomId>, SubmitError> {
        use MembershipState::{Ban, Invite, Join, Knock, Leave};
        let (rows, mut rooms) = (self.rows(), BTreeSet::new());
        for membership in [Join, Invite, Knock, Leave, Ban] {
            rooms.extend(rooms_with(&*rows, user_id, &membership)?);
        }
        Ok(rooms)
    }

    async fn erase_in_room(&self, room_id: OwnedRoomId, user_id: &UserId) -> Result<(), SubmitError> {
        let mut after = 0;
        loop {
            let page = self.page_of(&room_id, after)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = *last;
            let theirs = page.into_iter().filter(|entry| concerns(entry, user_id)).map(|(_, row)| row.event_id);
            let theirs: Vec<_> = theirs.collect();
            for event_ids in theirs.chunks(ERASED_IN_ROOM_MAX) {
                let (room_id, user_id, event_ids) = (room_id.clone(), user_id.to_owned(), event_ids.to_vec());
                self.submit(ErasePerson { room_id, user_id, event_ids }).await?;
            }
        }
    }

    fn page_of(&self, room_id: &RoomId, after: u64) -> Result<Vec<Entry>, SubmitError> {
        Ok(timeline_after(&*self.rows(), room_id, after, PAGE_EVENTS)?)
    }
}

/// Whether the person sent it, or it is a membership of theirs.
fn concerns((_, row): &Entry, user_id: &UserId) -> bool {
    row.sender == user_id || row.event_type == "m.room.member" && row.state_key.as_deref() == Some(user_id.as_str())
}
