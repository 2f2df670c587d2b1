//! View `push`: pushers of sessions, and how far each was told. Push rules are account data.

mod news;

use domain::{
    Area, DataFact, EndingFact, Fact,
    user::{SessionClosed, pushers::PUSHERS_MAX},
};
use projection::{Batch, Fold, KeyRange, Order, Place, Rows, Table, ViewFault};
use ruma::{OwnedDeviceId, OwnedUserId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Audience, Touched};

pub use news::{NewEvent, News, news};

/// What names a pusher in the server: its owner, the application, and the address within it.
pub type PusherKey = (OwnedUserId, String, String);

const VIEW: u8 = 11;

/// (User id, app id, push key) → pusher.
const PUSHERS: Table<(String, String, String), PusherRow> = Table::new(VIEW, 1);

/// One pusher.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PusherRow {
    /// The session that set it.
    pub device_id: OwnedDeviceId,
    /// The pusher as the specification has it.
    pub pusher: Box<RawValue>,
    /// It was told of what is up to this position of the log.
    pub reached: u64,
    /// When it was set, milliseconds since the epoch.
    pub set_at_ms: u64,
    /// How many unread messages it was told of last.
    pub unread: u32,
}

/// The view's fold.
pub struct PushView;

impl Fold<Fact, Audience> for PushView {
    fn name(&self) -> &'static str {
        "push"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        2
    }

    fn fold(&self, batch: &mut Batch<'_>, _: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Data(fact) => match fact {
                DataFact::PusherSet(fact) => {
                    let key = (fact.user_id.as_str(), fact.app_id.as_str(), fact.pushkey.as_str());
                    // What was there before is told to nobody, and a pusher that is set again goes on where it was.
                    let known = PUSHERS.get(batch, &key)?.map(|row| (row.reached, row.unread));
                    let (reached, unread) = known.unwrap_or((place.position.0, 0));
                    let (device_id, pusher) = (fact.device_id.clone(), fact.pusher.clone());
                    PUSHERS.put(batch, &key, &PusherRow { device_id, pusher, reached, set_at_ms: place.at_ms, unread })
                }
                DataFact::PusherRemoved(fact) => {
                    PUSHERS.delete(batch, &(fact.user_id.as_str(), fact.app_id.as_str(), fact.pushkey.as_str()))
                }
                DataFact::PusherReached(fact) => {
                    let key = (fact.user_id.as_str(), fact.app_id.as_str(), fact.pushkey.as_str());
                    let Some(mut row) = PUSHERS.get(batch, &key)? else { return Ok(()) };
                    // What it was told is never taken back.
                    (row.reached, row.unread) = (row.reached.max(fact.position), fact.unread);
                    PUSHERS.put(batch, &key, &row)
                }
                DataFact::AccountDataSet(_) | DataFact::FilterCreated(_) | DataFact::ReportMade(_) => Ok(()),
            },
            Area::Ending(fact) => match fact {
                EndingFact::SessionClosed(fact) => forget_session(batch, fact),
                EndingFact::AccountErased(fact) => {
                    PUSHERS.delete_all(batch, KeyRange::prefix(&(fact.user_id.as_str(),))).map(|_| ())
                }
                EndingFact::AccountDeactivated(_)
                | EndingFact::DehydratedDeviceRemoved(_)
                | EndingFact::EmailsErased(_)
                | EndingFact::InboxErased(_)
                | EndingFact::BackupErased(_) => Ok(()),
            },
            Area::Room(_)
            | Area::Directory(_)
            | Area::Account(_)
            | Area::Media(_)
            | Area::Keys(_)
            | Area::Inbox(_)
            | Area::Backup(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}

fn forget_session(batch: &mut Batch<'_>, fact: &SessionClosed) -> Result<(), ViewFault> {
    let range = KeyRange::prefix(&(fact.user_id.as_str(),));
    for (key, row) in PUSHERS.collect(batch, range, Order::Ascending, PUSHERS_MAX)? {
        if row.device_id == fact.device_id {
            PUSHERS.delete(batch, &key)?;
        }
    }
    Ok(())
}

/// The pushers of a person.
///
/// # Errors
/// Storage failed.
pub fn pushers(rows: &dyn Rows, user_id: &UserId) -> Result<Vec<PusherRow>, ViewFault> {
    let found = PUSHERS.collect(rows, KeyRange::prefix(&(user_id.as_str(),)), Order::Ascending, PUSHERS_MAX)?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}

/// One pusher; none when there is no such one.
///
/// # Errors
/// Storage failed.
pub fn pusher(rows: &dyn Rows, (user_id, app_id, pushkey): &PusherKey) -> Result<Option<PusherRow>, ViewFault> {
    PUSHERS.get(rows, &(user_id.as_str(), app_id.as_str(), pushkey.as_str()))
}

/// The names of a person's pushers, or of everybody's; at most `limit`.
///
/// # Errors
/// Storage failed.
pub fn pusher_keys(rows: &dyn Rows, user_id: Option<&UserId>, limit: usize) -> Result<Vec<PusherKey>, ViewFault> {
    let range = user_id.map_or_else(KeyRange::whole, |user_id| KeyRange::prefix(&(user_id.as_str(),)));
    let found = PUSHERS.collect_keys(rows, range, Order::Ascending, limit)?;
    let owned = |user_id| OwnedUserId::try_from(user_id).map_err(|error| ViewFault::caused("a pusher has no owner", error));
    found.into_iter().map(|(user_id, app_id, pushkey)| Ok((owned(user_id)?, app_id, pushkey))).collect()
}
