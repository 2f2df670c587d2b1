//! View `push`: pushers of sessions. Push rules are account data.

use domain::{
    Area, DataFact, EndingFact, Fact,
    user::{SessionClosed, pushers::PUSHERS_MAX},
};
use projection::{Batch, Fold, KeyRange, Order, Place, Rows, Table, ViewFault};
use ruma::{OwnedDeviceId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Audience, Touched};

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

impl Fold<Fact, Audience> for PushView {
    fn name(&self) -> &'static str {
        "push"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        1
    }

    fn fold(&self, batch: &mut Batch<'_>, _: &mut Touched, fact: &Fact, _: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Data(fact) => match fact {
                DataFact::PusherSet(fact) => {
                    let row = PusherRow { device_id: fact.device_id.clone(), pusher: fact.pusher.clone() };
                    PUSHERS.put(batch, &(fact.user_id.as_str(), fact.app_id.as_str(), fact.pushkey.as_str()), &row)
                }
                DataFact::PusherRemoved(fact) => {
                    PUSHERS.delete(batch, &(fact.user_id.as_str(), fact.app_id.as_str(), fact.pushkey.as_str()))
                }
                DataFact::AccountDataSet(_) | DataFact::FilterCreated(_) | DataFact::ReportMade(_) => Ok(()),
            },
            Area::Ending(fact) => match fact {
                EndingFact::SessionClosed(fact) => forget_session(batch, fact),
                EndingFact::AccountDeactivated(_) | EndingFact::DehydratedDeviceRemoved(_) => Ok(()),
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
