//! Forgets the keys of a person whose account is erased, and what they have signed of others.

use projection::{Batch, KeyRange, Order, ViewFault};
use ruma::UserId;

use super::{
    changes,
    tables::{CROSS_SIGNING, DEHYDRATED, DEVICE_KEYS, PREKEYS, SIGNATURES, SIGNED, SIGNED_AT},
};
use crate::Touched;

/// Nothing is left but that there was a change.
pub(super) fn person(batch: &mut Batch<'_>, touched: &mut Touched, user: &UserId, position: u64) -> Result<(), ViewFault> {
    let of_user = || KeyRange::prefix(&(user.as_str(),));
    for (_, signed) in SIGNED.collect_keys(batch, of_user(), Order::Ascending, usize::MAX)? {
        let of_signed =
            SIGNATURES.collect_keys(batch, KeyRange::prefix(&(signed.as_str(),)), Order::Ascending, usize::MAX)?;
        for (owner, target, signer, key_id) in of_signed.into_iter().filter(|(_, _, signer, _)| signer == user.as_str()) {
            SIGNATURES.delete(batch, &(owner.as_str(), target.as_str(), signer.as_str(), key_id.as_str()))?;
        }
    }
    SIGNED.delete_all(batch, of_user())?;
    SIGNED_AT.delete_all(batch, of_user())?;
    SIGNATURES.delete_all(batch, of_user())?;
    DEVICE_KEYS.delete_all(batch, of_user())?;
    PREKEYS.delete_all(batch, of_user())?;
    CROSS_SIGNING.delete_all(batch, of_user())?;
    DEHYDRATED.delete(batch, user.as_str())?;
    changes::record(batch, touched, user, position)
}
