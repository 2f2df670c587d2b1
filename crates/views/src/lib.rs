//! Read models: what queries read, folded from facts. One file a view, with its tables, its fold and its queries.
//!
//! Pure: rows come in through `projection::Rows`; no clock, no threads, no storage of their own.

pub mod accounts;
pub mod backup;
pub mod inbox;
pub mod keys;
pub mod membership;
pub mod rooms;
mod touched;

pub use touched::touched;

pub use projection::{Fault, Rows};

use domain::Fact;
use projection::Fold;

/// Every view of the server.
#[must_use]
pub fn all() -> Vec<Box<dyn Fold<Fact>>> {
    vec![Box::new(accounts::AccountsView), Box::new(rooms::RoomsView), Box::new(membership::MembershipView), Box::new(keys::KeysView), Box::new(inbox::InboxView), Box::new(backup::BackupView)]
}
