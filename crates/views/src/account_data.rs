//! View `account_data`: what clients keep on the server for each other, with filters for syncs.

use std::ops::ControlFlow;

use domain::{
    Area, DataFact, EndingFact, Fact,
    user::data::{AccountDataSet, PUSH_RULES},
};
use projection::{Batch, Fold, KeyRange, Order, Place, Rows, Table, ViewFault};
use ruma::{OwnedRoomId, RoomId, UserId, push::Ruleset};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Audience, Touched};

const VIEW: u8 = 4;

/// (User id, room id or nothing, type) → content.
const DATA: Table<(String, String, String), DataValue> = Table::new(VIEW, 1);
/// The same rows, for the types that are looked up for every answer: they stay in memory, and so does that there is none.
const DATA_OF_ANSWERS: Table<(String, String, String), DataValue> = DATA.held();
/// (User id, position) → room id or nothing, type: which data was set there, and has not been set since.
const BY_POSITION: Table<(String, u64), (String, String)> = Table::by_position(VIEW, 2);
/// (User id, filter id) → filter.
const FILTERS: Table<(String, String), Box<RawValue>> = Table::new(VIEW, 3);

#[derive(Serialize, Deserialize)]
struct DataValue {
    position: u64,
    content: Box<RawValue>,
}

/// One piece of account data.
#[derive(Clone, Debug)]
pub struct DataRow {
    /// The room that it belongs to; none for data of the whole account.
    pub room_id: Option<OwnedRoomId>,
    /// The type.
    pub event_type: String,
    /// The content, a JSON object.
    pub content: Box<RawValue>,
    /// Where it was last set.
    pub position: u64,
}

/// The view's fold.
pub struct AccountDataView;

impl Fold<Fact, Audience> for AccountDataView {
    fn name(&self) -> &'static str {
        "account_data"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        2
    }

    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Data(fact) => match fact {
                DataFact::AccountDataSet(fact) => {
                    touched.touch(|| Audience::Person(fact.user_id.clone()));
                    set(batch, fact, place.position.0)
                }
                DataFact::FilterCreated(fact) => {
                    FILTERS.put(batch, &(fact.user_id.as_str(), fact.filter_id.as_str()), &fact.filter)
                }
                DataFact::PusherSet(_)
                | DataFact::PusherRemoved(_)
                | DataFact::PusherReached(_)
                | DataFact::ReportMade(_) => Ok(()),
            },
            Area::Ending(fact) => match fact {
                EndingFact::AccountDeactivated(fact) if fact.erase => erase(batch, &fact.user_id),
                EndingFact::AccountErased(fact) => erase(batch, &fact.user_id),
                EndingFact::AccountDeactivated(_)
                | EndingFact::SessionClosed(_)
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

fn set(batch: &mut Batch<'_>, fact: &AccountDataSet, position: u64) -> Result<(), ViewFault> {
    let user_id = fact.user_id.as_str();
    let room_id = fact.room_id.as_ref().map_or("", |id| id.as_str());
    let key = (user_id, room_id, fact.event_type.as_str());
    if let Some(old) = DATA.get(batch, &key)? {
        BY_POSITION.delete(batch, &(user_id, old.position))?;
    }
    DATA.put(batch, &key, &DataValue { position, content: fact.content.clone() })?;
    BY_POSITION.put(batch, &(user_id, position), &(room_id.to_owned(), fact.event_type.clone()))
}

fn erase(batch: &mut Batch<'_>, user_id: &UserId) -> Result<(), ViewFault> {
    let mine = KeyRange::prefix(&(user_id.as_str(),));
    DATA.delete_all(batch, mine.clone())?;
    BY_POSITION.delete_all(batch, mine.clone())?;
    FILTERS.delete_all(batch, mine).map(|_| ())
}

/// One piece of account data as it is stored; push rules only after a first change of them.
///
/// # Errors
/// Storage failed.
pub fn account_data(
    rows: &dyn Rows,
    user_id: &UserId,
    room_id: Option<&RoomId>,
    event_type: &str,
) -> Result<Option<Box<RawValue>>, ViewFault> {
    let room_id = room_id.map_or("", |id| id.as_str());
    Ok(DATA.get(rows, &(user_id.as_str(), room_id, event_type))?.map(|value| value.content))
}

/// Data of the whole account of a type that the server itself asks for, with where it was last set.
pub(crate) fn global_data(
    rows: &dyn Rows,
    user_id: &UserId,
    event_type: &str,
) -> Result<Option<(u64, Box<RawValue>)>, ViewFault> {
    let found = DATA_OF_ANSWERS.get(rows, &(user_id.as_str(), "", event_type))?;
    Ok(found.map(|value| (value.position, value.content)))
}

/// All account data of a room, or (without a room) that of the whole account, push rules always among it. By type.
///
/// # Errors
/// Storage failed.
pub fn account_data_of(rows: &dyn Rows, user_id: &UserId, room_id: Option<&RoomId>) -> Result<Vec<DataRow>, ViewFault> {
    let mut found = Vec::new();
    let range = KeyRange::prefix(&(user_id.as_str(), room_id.map_or("", |id| id.as_str())));
    DATA.scan(rows, range, Order::Ascending, |(_, _, event_type), value| {
        let DataValue { position, content } = value;
        found.push(DataRow { room_id: room_id.map(ToOwned::to_owned), event_type, content, position });
        ControlFlow::Continue(())
    })?;
    if room_id.is_none() {
        with_push_rules(rows, user_id, &mut found, true)?;
    }
    Ok(found)
}

/// Account data that was set after position `since`, oldest first, as it is now; all of it for 0. Push rules are given
/// with this server's defaults of today, and to a first sync (`since` 0) even when nothing about them was ever changed.
///
/// # Errors
/// Storage failed.
pub fn account_data_since(rows: &dyn Rows, user_id: &UserId, since: u64) -> Result<Vec<DataRow>, ViewFault> {
    let mut places = Vec::new();
    let user = user_id.as_str();
    let range = KeyRange::newer(&(user,), since);
    BY_POSITION.scan(rows, range, Order::Ascending, |_, place| {
        places.push(place);
        ControlFlow::Continue(())
    })?;
    let mut found = Vec::new();
    for (room, event_type) in places {
        if let Some(DataValue { position, content }) = DATA.get(rows, &(user, room.as_str(), event_type.as_str()))? {
            found.push(DataRow { room_id: OwnedRoomId::try_from(room).ok(), event_type, content, position });
        }
    }
    with_push_rules(rows, user_id, &mut found, since == 0)?;
    Ok(found)
}

/// Puts the merged push rules in place of the stored ones, or adds them when `always`.
fn with_push_rules(rows: &dyn Rows, user_id: &UserId, found: &mut Vec<DataRow>, always: bool) -> Result<(), ViewFault> {
    let is_rules = |row: &&mut DataRow| row.room_id.is_none() && row.event_type == PUSH_RULES;
    if let Some(row) = found.iter_mut().find(is_rules) {
        row.content = push_rules_content(rows, user_id)?;
    } else if always {
        let content = push_rules_content(rows, user_id)?;
        found.push(DataRow { room_id: None, event_type: PUSH_RULES.to_owned(), content, position: 0 });
    }
    Ok(())
}

/// The push rules that count for a person: their own changes over this server's defaults.
///
/// # Errors
/// Storage failed.
pub fn push_rules(rows: &dyn Rows, user_id: &UserId) -> Result<Ruleset, ViewFault> {
    let stored = global_data(rows, user_id, PUSH_RULES)?.map(|(_, content)| content);
    Ok(domain::user::data::merged_push_rules(user_id, stored.as_deref()))
}

/// The content of account data `m.push_rules`: `{"global": …}`.
///
/// # Errors
/// Storage failed.
pub fn push_rules_content(rows: &dyn Rows, user_id: &UserId) -> Result<Box<RawValue>, ViewFault> {
    #[derive(Serialize)]
    struct Content {
        global: Ruleset,
    }
    let content = Content { global: push_rules(rows, user_id)? };
    serde_json::value::to_raw_value(&content).map_err(|error| ViewFault::caused("push rules have no JSON form", error))
}

/// A filter.
///
/// # Errors
/// Storage failed.
pub fn filter(rows: &dyn Rows, user_id: &UserId, filter_id: &str) -> Result<Option<Box<RawValue>>, ViewFault> {
    FILTERS.get(rows, &(user_id.as_str(), filter_id))
}
