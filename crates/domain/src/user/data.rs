//! What a person's clients keep on the server for each other: account data, for all or for one room, tags and push rules.

mod carry_push_rules;
mod facts;
mod ignored;
mod push_rules;
mod set;
mod tags;

pub use carry_push_rules::CarryPushRules;
pub use facts::AccountDataSet;
pub use ignored::{IGNORED_MAX, IGNORED_USER_LIST, ignored_users};
pub use push_rules::{ChangePushRules, PushRuleChange, merged_push_rules};
pub use set::SetAccountData;
pub use tags::{SetTag, TAG_BYTES_MAX, TAGS_PER_ROOM_MAX};

use std::collections::BTreeMap;

use ruma::{OwnedRoomId, RoomId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Fact, Rejection, short_digest::ShortDigest};

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
/// How many pieces of account data one account may have, of types that its clients choose. Tags, read markers and push rules come
/// to one a room and one an account, and count by their bytes only.
pub const ACCOUNT_DATA_MAX: usize = 1_000;
/// Bytes of all account data of one account, ids and types included. A first sync carries all of it.
pub const ACCOUNT_DATA_TOTAL_BYTES_MAX: usize = 10 << 20;

/// What a person's lane knows of their account data: sizes and digests. The contents are in the views; the lane keeps only those
/// of which the server changes a part, which are few.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct DataState {
    #[serde(with = "crate::pairs")]
    entries: BTreeMap<(Option<OwnedRoomId>, String), Entry>,
}

/// One piece of account data.
#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    /// What it counts towards the budget.
    bytes: usize,
    /// Of the content.
    digest: ShortDigest,
    /// Of push rules and tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<Box<RawValue>>,
}

impl Entry {
    fn of(fact: &AccountDataSet) -> Self {
        let content = fact.content.get();
        let room_id = fact.room_id.as_ref().map_or(0, |room_id| room_id.as_str().len());
        let is_changed_in_part = [PUSH_RULES, TAGS].contains(&fact.event_type.as_str());
        Self {
            bytes: content.len() + fact.event_type.len() + room_id,
            digest: ShortDigest::of(content),
            content: is_changed_in_part.then(|| fact.content.clone()),
        }
    }
}

impl DataState {
    /// The content of push rules or of a room's tags.
    #[must_use]
    pub(super) fn content(&self, room_id: Option<&RoomId>, event_type: &str) -> Option<&RawValue> {
        self.entries.get(&(room_id.map(ToOwned::to_owned), event_type.to_owned()))?.content.as_deref()
    }

    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::AccountDataSet(fact) => {
                self.entries.insert((fact.room_id.clone(), fact.event_type.clone()), Entry::of(fact));
            }
            Fact::AccountDeactivated(fact) if fact.erase => self.entries.clear(),
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
        let key = (fact.room_id.clone(), fact.event_type.clone());
        let (before, after) = (self.entries.get(&key), Entry::of(&fact));
        if before.is_some_and(|before| before.digest == after.digest) {
            return Ok(None);
        }
        self.check_budget(&fact.event_type, before, &after)?;
        Ok(Some(Fact::AccountDataSet(fact)))
    }

    /// Refuses what would go over the budget. An account that is over it, from a time when there was none, may still shrink what
    /// it has.
    fn check_budget(&self, event_type: &str, before: Option<&Entry>, after: &Entry) -> Result<(), Rejection> {
        let before_bytes = before.map_or(0, |before| before.bytes);
        let total = self.entries.values().map(|entry| entry.bytes).sum::<usize>() - before_bytes + after.bytes;
        if total > ACCOUNT_DATA_TOTAL_BYTES_MAX && after.bytes > before_bytes {
            return Err(Rejection::too_large("An account has at most 10 MiB of account data. Replace some of it by less."));
        }
        let is_new_choice = before.is_none() && is_chosen(event_type);
        if is_new_choice && self.entries.keys().filter(|(_, known)| is_chosen(known)).count() >= ACCOUNT_DATA_MAX {
            return Err(Rejection::too_large("An account has at most 1,000 pieces of account data. Use one of them again."));
        }
        Ok(())
    }
}

/// Whether clients choose the type, so that there is no end of them.
fn is_chosen(event_type: &str) -> bool {
    ![PUSH_RULES, TAGS, FULLY_READ].contains(&event_type)
}
