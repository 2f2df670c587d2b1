//! View `media`: what was uploaded, by whom, how much it is, and which uploads are awaited. The bytes are in the blob store, once
//! however many addresses lead to them.

#[cfg(test)]
mod tests;

use std::ops::ControlFlow;

use domain::{
    Area, EndingFact, Fact, MediaFact, RoomFact,
    room::{NAMED_MEDIA_MAX, Pdu, named_media},
    user::media::{MediaErased, MediaUploaded, charged_bytes},
};
use projection::{Batch, Fold, KeyRange, Order, Place, Rows, Table, ViewFault};
use ruma::{OwnedUserId, UserId};
use serde::{Deserialize, Serialize};

use crate::{Audience, Touched};

const VIEW: u8 = 9;

/// Media id → media.
const MEDIA: Table<String, MediaRow> = Table::new(VIEW, 1);
/// (User id, media id): whose it is.
const OWNED: Table<(String, String), ()> = Table::new(VIEW, 2);
/// (Digest, media id): which addresses lead to the same bytes.
const NAMED: Table<(String, String), ()> = Table::new(VIEW, 3);
/// User id → what counts towards their quota, bytes.
const USED: Table<String, u64> = Table::new(VIEW, 4);
/// One row: the sum of what everybody has used, bytes.
const TOTAL: Table<(), u64> = Table::new(VIEW, 5);

/// (Media id, position): which events name it in clear.
const MENTIONS: Table<(String, u64), ()> = Table::new(VIEW, 6);
/// (Position, media id): the same the other way round.
const MENTIONED_AT: Table<(u64, String), ()> = Table::new(VIEW, 7);

/// User id: their account was erased, and what they have uploaded is to go.
const ERASED: Table<String, ()> = Table::new(VIEW, 8);

/// One address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum MediaRow {
    /// Reserved for an upload that follows.
    Awaited {
        /// Who will upload.
        user_id: OwnedUserId,
        /// Until when, milliseconds since the epoch. The reader compares.
        expires_at_ms: u64,
    },
    /// Uploaded.
    Uploaded {
        /// What, and by whom.
        media: MediaUploaded,
        /// Where in the log the fact is.
        position: u64,
    },
}

/// The view's fold.
pub struct MediaView;

impl Fold<Fact, Audience> for MediaView {
    fn name(&self) -> &'static str {
        "media"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        3
    }

    fn fold(&self, batch: &mut Batch<'_>, _: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Media(fact) => match fact {
                MediaFact::MediaAnnounced(fact) => {
                    let row = MediaRow::Awaited { user_id: fact.user_id.clone(), expires_at_ms: fact.expires_at_ms };
                    MEDIA.put(batch, &fact.media_id, &row)
                }
                MediaFact::MediaUploaded(fact) => uploaded(batch, fact, place.position.0),
                MediaFact::MediaErased(fact) => erased(batch, fact),
            },
            Area::Room(fact) => match fact {
                RoomFact::PduAdded(added) => mentioned(batch, &added.pdu, place.position.0),
                RoomFact::PduPruned(pruned) => unmentioned(batch, pruned.target_position),
                RoomFact::PduErased(erased) => unmentioned(batch, erased.target_position),
                RoomFact::PduExpired(expired) => unmentioned(batch, expired.target.position),
                RoomFact::PduExpirySet(_)
                | RoomFact::RoomUpgraded(_)
                | RoomFact::RoomForgotten(_)
                | RoomFact::ReceiptSet(_) => Ok(()),
            },
            Area::Ending(fact) => match fact {
                EndingFact::AccountDeactivated(closed) if closed.erase => ERASED.put(batch, closed.user_id.as_str(), &()),
                EndingFact::AccountDeactivated(_)
                | EndingFact::SessionClosed(_)
                | EndingFact::DehydratedDeviceRemoved(_)
                | EndingFact::AccountErased(_)
                | EndingFact::EmailsErased(_)
                | EndingFact::InboxErased(_)
                | EndingFact::BackupErased(_) => Ok(()),
            },
            Area::Directory(_)
            | Area::Account(_)
            | Area::Data(_)
            | Area::Keys(_)
            | Area::Inbox(_)
            | Area::Backup(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}

fn uploaded(batch: &mut Batch<'_>, fact: &MediaUploaded, position: u64) -> Result<(), ViewFault> {
    let media_id = fact.media_id.as_str();
    MEDIA.put(batch, media_id, &MediaRow::Uploaded { media: fact.clone(), position })?;
    OWNED.put(batch, &(fact.user_id.as_str(), media_id), &())?;
    NAMED.put(batch, &(fact.digest.to_text().as_str(), media_id), &())?;
    let used_bytes = USED.get(batch, fact.user_id.as_str())?.unwrap_or_default();
    use_bytes(batch, &fact.user_id, used_bytes.saturating_add(charged_bytes(fact.size_bytes)))
}

fn erased(batch: &mut Batch<'_>, fact: &MediaErased) -> Result<(), ViewFault> {
    for gone in &fact.media {
        let media_id = gone.media_id.as_str();
        MEDIA.delete(batch, media_id)?;
        OWNED.delete(batch, &(fact.user_id.as_str(), media_id))?;
        NAMED.delete(batch, &(gone.digest.to_text().as_str(), media_id))?;
    }
    use_bytes(batch, &fact.user_id, fact.used_bytes)
}

/// Encrypted events mention nothing, and cost no row.
fn mentioned(batch: &mut Batch<'_>, pdu: &Pdu, position: u64) -> Result<(), ViewFault> {
    for media_id in named_media(pdu) {
        MENTIONS.put(batch, &(media_id.as_str(), position), &())?;
        MENTIONED_AT.put(batch, &(position, media_id.as_str()), &())?;
    }
    Ok(())
}

fn unmentioned(batch: &mut Batch<'_>, position: u64) -> Result<(), ViewFault> {
    let range = KeyRange::prefix(&(position,));
    let mentions = MENTIONED_AT.collect_keys(batch, range, Order::Ascending, NAMED_MEDIA_MAX)?;
    for (position, media_id) in mentions {
        MENTIONS.delete(batch, &(media_id.as_str(), position))?;
        MENTIONED_AT.delete(batch, &(position, media_id.as_str()))?;
    }
    Ok(())
}

/// The total stays the sum of all, whether the uploads of what is erased now were folded or not.
fn use_bytes(batch: &mut Batch<'_>, user_id: &UserId, used_bytes: u64) -> Result<(), ViewFault> {
    let before = USED.get(batch, user_id.as_str())?.unwrap_or_default();
    let total = TOTAL.get(batch, &())?.unwrap_or_default();
    USED.put(batch, user_id.as_str(), &used_bytes)?;
    TOTAL.put(batch, &(), &total.saturating_sub(before).saturating_add(used_bytes))
}

/// What is at an address of this server, given the last part of its `mxc:` form.
///
/// # Errors
/// Storage failed.
pub fn media(rows: &dyn Rows, media_id: &str) -> Result<Option<MediaRow>, ViewFault> {
    MEDIA.get(rows, media_id)
}

/// The last parts of the addresses of what a person has uploaded, at most `limit`.
///
/// # Errors
/// Storage failed.
pub fn owned(rows: &dyn Rows, user_id: &UserId, limit: usize) -> Result<Vec<String>, ViewFault> {
    let keys = OWNED.collect_keys(rows, KeyRange::prefix(&(user_id.as_str(),)), Order::Ascending, limit)?;
    Ok(keys.into_iter().map(|(_, media_id)| media_id).collect())
}

/// Uploads behind one of them, in the order of who uploaded and the last part of the address, at most `limit`.
///
/// # Errors
/// Storage failed.
pub fn owned_after(
    rows: &dyn Rows,
    after: Option<&(String, String)>,
    limit: usize,
) -> Result<Vec<(String, String)>, ViewFault> {
    let behind =
        after.map_or_else(KeyRange::whole, |(user_id, media_id)| KeyRange::after(&(user_id.as_str(), media_id.as_str())));
    OWNED.collect_keys(rows, behind, Order::Ascending, limit)
}

/// People whose accounts were erased and who have uploads all the same, at most `limit`: an older server erased no uploads.
///
/// # Errors
/// Storage failed.
pub fn owners_erased(rows: &dyn Rows, limit: usize) -> Result<Vec<OwnedUserId>, ViewFault> {
    let (mut found, mut fault) = (Vec::new(), None);
    ERASED.scan_keys(rows, KeyRange::whole(), Order::Ascending, |user_id| {
        match UserId::parse(user_id).map(|user_id| owned(rows, &user_id, 1).map(|owned| (user_id, !owned.is_empty()))) {
            Ok(Ok((user_id, true))) => found.push(user_id),
            Ok(Err(failed)) => fault = Some(failed),
            Ok(Ok((_, false))) | Err(_) => {}
        }
        if found.len() < limit && fault.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    fault.map_or(Ok(found), Err)
}

/// What the uploads of a person count towards their quota, bytes.
///
/// # Errors
/// Storage failed.
pub fn used_bytes(rows: &dyn Rows, user_id: &UserId) -> Result<u64, ViewFault> {
    Ok(USED.get(rows, user_id.as_str())?.unwrap_or_default())
}

/// The last parts of addresses that lead to the bytes with this digest, at most `limit`.
///
/// # Errors
/// Storage failed.
pub fn named(rows: &dyn Rows, digest: &[u8; 32], limit: usize) -> Result<Vec<String>, ViewFault> {
    let digest = domain::user::TokenHash(*digest).to_text();
    let keys = NAMED.collect_keys(rows, KeyRange::prefix(&(digest.as_str(),)), Order::Ascending, limit)?;
    Ok(keys.into_iter().map(|(_, media_id)| media_id).collect())
}

/// Visits the SHA-256 of all bytes that an address leads to, as text ([`domain::user::TokenHash::to_text`]): once for each address.
///
/// # Errors
/// Storage failed.
pub fn each_digest(rows: &dyn Rows, mut visit: impl FnMut(String)) -> Result<(), ViewFault> {
    NAMED.scan_keys(rows, KeyRange::whole(), Order::Ascending, |(digest, _)| {
        visit(digest);
        ControlFlow::Continue(())
    })
}

/// Whether an event that is neither redacted nor gone names media in clear, given the last part of its address.
///
/// # Errors
/// Storage failed.
pub fn is_mentioned(rows: &dyn Rows, media_id: &str) -> Result<bool, ViewFault> {
    Ok(MENTIONS.count(rows, KeyRange::prefix(&(media_id,)), 1)? > 0)
}

/// What counts towards the quota of the whole server, bytes.
///
/// # Errors
/// Storage failed.
pub fn total_bytes(rows: &dyn Rows) -> Result<u64, ViewFault> {
    Ok(TOTAL.get(rows, &())?.unwrap_or_default())
}
