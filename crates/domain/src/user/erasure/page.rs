//! How much is erased at once, and from where to go on.

use ruma::OwnedUserId;

use super::facts::PayloadsErased;
use crate::Rejection;

/// Payloads that one fact erases.
pub const PAYLOADS_AT_ONCE_MAX: usize = 500;

/// The payload of a fact that erases these, and from where to go on.
pub(crate) fn erased(user_id: OwnedUserId, positions: Vec<u64>) -> (PayloadsErased, Option<u64>) {
    let next = positions.last().copied().filter(|_| positions.len() >= PAYLOADS_AT_ONCE_MAX);
    (PayloadsErased { is_last: next.is_none(), positions, user_id }, next)
}

/// 403 `M_FORBIDDEN`: only what was asked for is erased.
pub(crate) fn not_to_be_erased() -> Rejection {
    Rejection::forbidden("This account was not closed to be erased.")
}
