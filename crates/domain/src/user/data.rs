//! What a person's clients keep on the server for each other: account data, for all or for one room, tags and push rules.

mod facts;
mod ignored;
mod push_rules;
mod set;
mod tags;

pub use facts::AccountDataSet;
pub use ignored::{IGNORED_MAX, IGNORED_USER_LIST, ignored_users};
pub use push_rules::{ChangePushRules, PushRuleChange, merged_push_rules};
pub use set::SetAccountData;
pub use tags::{SetTag, TAG_BYTES_MAX, TAGS_PER_ROOM_MAX};

use std::collections::BTreeMap;

use ruma::{OwnedRoomId, RoomId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Fact, Rejection};

/// The type of account data that holds the push rules.
pub const PUSH_RULES: &str = "m.push_rules";
/// The type of account data that says how far a room has been read.
pub const FULLY_READ: &str = "m.fully_read";
/// The type of account data that holds a room's tags.
pub const TAGS: &str = "m.tag";
/// The largest content of one piece of account data.
pub const ACCOUNT_DATA_BYTES_MAX: usize = 262_144;
/// The longest type.
pub const TYPE_BYTES_MAX: usize = 255;
/// How many pieces of account data one account may have.
pub const ACCOUNT_DATA_MAX: usize = 20_000;

/// A person's account data.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct DataState {
    #[serde(with = "crate::pairs")]
    contents: BTreeMap<(Option<OwnedRoomId>, String), Box<RawValue>>,
}

impl DataState {
    /// One piece of account data.
    #[must_use]
    pub fn get(&self, room_id: Option<&RoomId>, event_type: &str) -> Option<&RawValue> {
        self.contents.get(&(room_id.map(ToOwned::to_owned), event_type.to_owned())).map(AsRef::as_ref)
    }

    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::AccountDataSet(fact) => {
                self.contents.insert((fact.room_id.clone(), fact.event_type.clone()), fact.content.clone());
            }
            Fact::AccountDeactivated(fact) if fact.erase => self.contents.clear(),
            _ => {}
        }
    }

    /// The fact that sets new content, or none when it is the content already.
    ///
    /// # Errors
    /// 413 `M_TOO_LARGE` and 400 `M_INVALID_PARAM` beyond the bounds.
    pub(super) fn change(&self, fact: AccountDataSet) -> Result<Option<Fact>, Rejection> {
        if fact.content.get().len() > ACCOUNT_DATA_BYTES_MAX {
            return Err(Rejection::too_large("One piece of account data has at most 262,144 bytes."));
        }
        if fact.event_type.is_empty() || fact.event_type.len() > TYPE_BYTES_MAX {
            return Err(Rejection::invalid_param("A type of account data has 1 to 255 bytes."));
        }
        match self.get(fact.room_id.as_deref(), &fact.event_type) {
            Some(content) if content.get() == fact.content.get() => Ok(None),
            None if self.contents.len() >= ACCOUNT_DATA_MAX => {
                Err(Rejection::forbidden("The account has as much account data as it may have."))
            }
            _ => Ok(Some(Fact::AccountDataSet(fact))),
        }
    }
}
