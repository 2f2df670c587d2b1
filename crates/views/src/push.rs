//! View `push`: pushers of sessions. Push rules are account data.

use domain::{Fact, user::pushers::PUSHERS_MAX};
use projection::{Batch, Fault, Fold, KeyRange, Order, Placed, Rows, Table};
use ruma::{OwnedDeviceId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

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
}

/// The view's fold.
pub struct PushView;

impl Fold<Fact> for PushView {
    fn name(&self) -> &'static str {
        "push"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        1
    }

    fn fold(&self, batch: &mut Batch<'_>, placed: &Placed<Fact>) -> Result<(), Fault> {
        match &placed.fact {
            Some(Fact::PusherSet(fact)) => {
                let row = PusherRow { device_id: fact.device_id.clone(), pusher: fact.pusher.clone() };
                PUSHERS.put(batch, &(fact.user_id.as_str(), fact.app_id.as_str(), fact.pushkey.as_str()), &row)
            }
            Some(Fact::PusherRemoved(fact)) => {
                PUSHERS.delete(batch, &(fact.user_id.as_str(), fact.app_id.as_str(), fact.pushkey.as_str()))
            }
            Some(Fact::SessionClosed(fact)) => {
                let range = KeyRange::prefix(&(fact.user_id.as_str(),));
                for (key, row) in PUSHERS.collect(batch, range, Order::Ascending, PUSHERS_MAX)? {
                    if row.device_id == fact.device_id {
                        PUSHERS.delete(batch, &key)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// The pushers of a person.
///
/// # Errors
/// Storage failed.
pub fn pushers(rows: &dyn Rows, user_id: &UserId) -> Result<Vec<PusherRow>, Fault> {
    let found = PUSHERS.collect(rows, KeyRange::prefix(&(user_id.as_str(),)), Order::Ascending, PUSHERS_MAX)?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}
