//! Whose devices or cross-signing keys changed, by position. Only the last change of each person is kept.

use std::{collections::BTreeSet, ops::ControlFlow};

use projection::{Batch, KeyRange, Order, Rows, ViewFault};
use ruma::{OwnedUserId, UserId};

use super::tables::{CHANGED, CHANGED_AT, SIGNED, SIGNED_AT};
use crate::{Audience, Touched};

/// People whose last change that `observer` is told of is after `since` and not after `until`: their devices, their
/// cross-signing keys, or the observer's own signature on their master key changed. The caller keeps those who share a
/// room with the observer.
///
/// Complete when `until` is the position of `rows`. For an earlier `until` a later change hides an earlier one; who wants
/// to miss nothing passes [`END`](crate::END) and gets a few people too many, which is harmless (spec: "Tracking the device list
/// for a user").
///
/// # Errors
/// When rows cannot be read.
pub fn device_list_changes_since(
    rows: &dyn Rows,
    observer: &UserId,
    since: u64,
    until: u64,
) -> Result<BTreeSet<OwnedUserId>, ViewFault> {
    let mut changed = BTreeSet::new();
    let mut add = |position: u64, user: String| {
        if position > until {
            return ControlFlow::Break(());
        }
        if let Ok(user) = OwnedUserId::try_from(user) {
            changed.insert(user);
        }
        ControlFlow::Continue(())
    };
    CHANGED_AT.scan(rows, KeyRange::newer(&(), since), Order::Ascending, &mut add)?;
    let signed = KeyRange::newer(observer.as_str(), since);
    SIGNED_AT.scan(rows, signed, Order::Ascending, |(_, position), user| add(position, user))?;
    Ok(changed)
}

/// Records a change that everybody who sees `user` is told of.
pub(super) fn record(batch: &mut Batch<'_>, touched: &mut Touched, user: &UserId, position: u64) -> Result<(), ViewFault> {
    touched.touch(|| Audience::Observers(user.to_owned()));
    if let Some(before) = CHANGED.get(batch, user.as_str())? {
        CHANGED_AT.delete(batch, &before)?;
    }
    CHANGED.put(batch, user.as_str(), &position)?;
    CHANGED_AT.put(batch, &position, &user.to_string())
}

/// Records that `signer` signed the master key of `user`, of which nobody else is told.
pub(super) fn record_signed(
    batch: &mut Batch<'_>,
    touched: &mut Touched,
    signer: &UserId,
    user: &UserId,
    position: u64,
) -> Result<(), ViewFault> {
    touched.touch(|| Audience::Person(signer.to_owned()));
    let pair = (signer.as_str(), user.as_str());
    if let Some(before) = SIGNED.get(batch, &pair)? {
        SIGNED_AT.delete(batch, &(signer.as_str(), before))?;
    }
    SIGNED.put(batch, &pair, &position)?;
    SIGNED_AT.put(batch, &(signer.as_str(), position), &user.to_string())
}
