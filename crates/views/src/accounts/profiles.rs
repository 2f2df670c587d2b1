//! Profiles, field by field.

use std::collections::BTreeMap;

use domain::{
    room::MemberProfile,
    user::profile::{AVATAR_URL, DISPLAY_NAME},
};
use projection::{Batch, KeyRange, Order, Rows, Table, ViewFault};
use ruma::UserId;
use serde_json::Value;

use super::tables::VIEW;

/// (User id, field) → value.
const FIELDS: Table<(String, String), Value> = Table::new(VIEW, 9);
/// More fields than a profile of 64 KiB can have.
const FIELDS_MAX: usize = 20_000;

pub(super) fn set(batch: &mut Batch<'_>, user_id: &UserId, field: &str, value: Option<&Value>) -> Result<(), ViewFault> {
    match value {
        Some(value) => FIELDS.put(batch, &(user_id.as_str(), field), value),
        None => FIELDS.delete(batch, &(user_id.as_str(), field)),
    }
}

pub(super) fn erase(batch: &mut Batch<'_>, user_id: &UserId) -> Result<(), ViewFault> {
    FIELDS.delete_all(batch, KeyRange::prefix(&(user_id.as_str(),))).map(|_| ())
}

/// All fields of a profile, by name; empty for nobody.
///
/// # Errors
/// Storage failed.
pub fn profile(rows: &dyn Rows, user_id: &UserId) -> Result<BTreeMap<String, Value>, ViewFault> {
    let found = FIELDS.collect(rows, KeyRange::prefix(&(user_id.as_str(),)), Order::Ascending, FIELDS_MAX)?;
    Ok(found.into_iter().map(|((_, field), value)| (field, value)).collect())
}

/// One field of a profile.
///
/// # Errors
/// Storage failed.
pub fn profile_field(rows: &dyn Rows, user_id: &UserId, field: &str) -> Result<Option<Value>, ViewFault> {
    FIELDS.get(rows, &(user_id.as_str(), field))
}

/// The profile as member events carry it.
///
/// # Errors
/// Storage failed.
pub fn member_profile(rows: &dyn Rows, user_id: &UserId) -> Result<MemberProfile, ViewFault> {
    let text = |field| -> Result<Option<String>, ViewFault> {
        let value = profile_field(rows, user_id, field)?;
        Ok(value.and_then(|value| value.as_str().map(str::to_owned)))
    };
    Ok(MemberProfile { display_name: text(DISPLAY_NAME)?, avatar_url: text(AVATAR_URL)? })
}
