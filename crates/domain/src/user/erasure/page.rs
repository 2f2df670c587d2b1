//! How much is erased at once, and from where to go on.

use ruma::{OwnedUserId, UserId};

use super::facts::PayloadsErased;
use crate::{Context, Decision, Fact, Rejection, Stream};

/// Payloads that one fact erases.
pub const PAYLOADS_AT_ONCE_MAX: usize = 500;

/// Erases by a fact of this kind what `stream` says of a person behind a position, as much at once as there may be. The reply says from where
/// to go on; none when all is done.
///
/// # Errors
/// 403 when the account was not closed to be erased.
pub(crate) fn erase_in(
    stream: &Stream,
    user_id: OwnedUserId,
    after: u64,
    context: &Context<'_>,
    fact: fn(PayloadsErased) -> Fact,
) -> Result<Decision<Option<u64>>, Rejection> {
    if !context.lookup.is_to_be_erased(&user_id)? {
        return Err(not_to_be_erased());
    }
    let positions = context.lookup.payloads_of(stream, &user_id, after, PAYLOADS_AT_ONCE_MAX)?;
    if positions.is_empty() {
        return Ok(Decision::AlreadyDone(None));
    }
    let (erased, next) = erased(user_id, positions);
    Ok(Decision::accept([fact(erased)], next))
}

/// 403 `M_FORBIDDEN` for somebody who is to be forgotten: nothing more is taken in of them.
pub(crate) fn check_not_to_be_erased(user_id: &UserId, context: &Context<'_>) -> Result<(), Rejection> {
    if context.lookup.is_to_be_erased(user_id)? {
        return Err(Rejection::forbidden("This account is closed, and what is kept of it is being erased."));
    }
    Ok(())
}

/// The payload of a fact that erases these, and from where to go on.
pub(super) fn erased(user_id: OwnedUserId, positions: Vec<u64>) -> (PayloadsErased, Option<u64>) {
    let next = positions.last().copied().filter(|_| positions.len() >= PAYLOADS_AT_ONCE_MAX);
    (PayloadsErased { is_last: next.is_none(), positions, user_id }, next)
}

/// 403 `M_FORBIDDEN`: only what was asked for is erased.
pub(crate) fn not_to_be_erased() -> Rejection {
    Rejection::forbidden("This account was not closed to be erased.")
}
