//! Whom a person ignores (spec: "Ignoring Users"): the one reading of that list.

use std::collections::{BTreeMap, BTreeSet};

use ruma::OwnedUserId;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

/// The type of account data that holds the list.
pub const IGNORED_USER_LIST: &str = "m.ignored_user_list";
/// The most people that one person can ignore. The list is read for every answer that its owner gets.
pub const IGNORED_MAX: usize = 1_000;

/// The people in the content of `m.ignored_user_list`. Nobody if it does not read; what is no user id is passed over.
#[must_use]
pub fn ignored_users(content: &RawValue) -> BTreeSet<OwnedUserId> {
    named(content).into_keys().filter_map(|name| OwnedUserId::try_from(name).ok()).collect()
}

/// Whether the list is longer than [`IGNORED_MAX`].
pub(super) fn is_too_long(content: &RawValue) -> bool {
    named(content).len() > IGNORED_MAX
}

fn named(content: &RawValue) -> BTreeMap<String, IgnoredAny> {
    #[derive(Default, Deserialize)]
    struct Content {
        #[serde(default)]
        ignored_users: BTreeMap<String, IgnoredAny>,
    }
    serde_json::from_str::<Content>(content.get()).unwrap_or_default().ignored_users
}
