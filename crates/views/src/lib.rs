//! Read models: what queries read, folded from facts. One file a view, with its tables, its fold and its queries.
//!
//! Pure: rows come in through `projection::Rows`; no clock, no threads, no storage of their own.

pub mod account_data;
pub mod accounts;
pub mod aliases;
mod audience;
pub mod backup;
mod comparable;
pub mod expiry;
pub mod filter;
#[cfg(test)]
mod fixture;
pub mod inbox;
pub mod keys;
pub mod ledger;
pub mod media;
pub mod membership;
pub mod outbox;
pub mod push;
mod reader;
pub mod receipts;
pub mod rooms;
pub mod show;
pub mod sync;
mod token;

pub use audience::{Audience, Touched};
pub use comparable::comparable;
pub use projection::{Order, Rows, ViewFault};
pub use reader::{Reader, Said};
pub use token::{BadToken, END, SyncToken};

use domain::Fact;
use projection::Fold;

/// A view of this crate.
pub type View = dyn Fold<Fact, Audience>;

/// Every view of the server.
#[must_use]
pub fn all() -> Vec<Box<View>> {
    vec![
        Box::new(accounts::AccountsView),
        Box::new(account_data::AccountDataView),
        Box::new(receipts::ReceiptsView),
        Box::new(media::MediaView),
        Box::new(push::PushView),
        Box::new(rooms::RoomsView),
        Box::new(membership::MembershipView),
        Box::new(aliases::AliasesView),
        Box::new(keys::KeysView),
        Box::new(inbox::InboxView),
        Box::new(backup::BackupView),
        Box::new(expiry::ExpiryView),
        Box::new(outbox::OutboxView),
        Box::new(ledger::LedgerView),
    ]
}
