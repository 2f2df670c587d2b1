//! The pure rules of Hearth: what may happen in rooms, accounts, devices and keys, and what follows from it.
//!
//! Every change is a [`Command`] that is decided on an [`Aggregate`] and yields [`Fact`]s, from which states and views are
//! folded. Nothing in here reads a clock, draws randomness, waits or touches a disk: those come in by [`Context`].
//!
//! Each layer imports only those before it:
//!
//! 1. values, and the payloads of facts, in the `facts.rs` of each folder,
//! 2. [`Fact`], the table of all payloads,
//! 3. [`Command`], [`Decision`], [`Context`] and [`lookup`], the shape of every decision,
//! 4. states, the parts before the wholes,
//! 5. commands, a file each.

pub mod backup;
mod context;
mod decision;
pub mod directory;
mod fact;
pub mod lookup;
pub mod outbox;
mod pairs;
pub mod room;
mod short_digest;
mod stream;
pub mod user;

pub use context::{Context, Entropy, MediaQuota, Policy};
pub use decision::{Aggregate, Command, Decision, NewFact, Rejection};
pub use fact::{
    AccountFact, Area, BackupFact, CodecError, DataFact, DirectoryFact, Encoded, EndingFact, Fact, InboxFact, KeysFact,
    Kind, MediaFact, OutboxFact, RoomFact,
};
pub use stream::Stream;
