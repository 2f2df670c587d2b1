//! Messages that are there for a time: the sender's client says when one has had its use, because the server cannot tell
//! what is inside of it. Call signalling is what this is for; it holds network addresses, and nobody reads it later.
//!
//! Two facts: that a moment was set, and that it has passed. The second holds what lanes and folds need of the PDU, so
//! that its payload can be erased from the log.

mod end;
mod facts;
mod old;
mod set;

pub use end::{ENDED_AT_ONCE_MAX, EndExpiries};
pub use facts::{ExpiryTarget, PduExpired, PduExpirySet};
pub use old::{EndOld, OLD_AT_ONCE_MAX};
pub use set::{EXPIRES_AFTER_MS_MAX, EXPIRIES_MAX, EXPIRIES_OF_ONE_MAX, SetExpiry};
