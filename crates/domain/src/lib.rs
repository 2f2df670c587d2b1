//! The pure rules of Hearth: what may happen in rooms, accounts, devices and keys, and what follows from it.
//!
//! Every change is a [`Command`] that is decided on an [`Aggregate`] and yields [`Fact`]s, from which states and views are
//! folded. Nothing in here reads a clock, draws randomness, waits or touches a disk: those come in by [`Context`].

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

pub use context::{Context, Entropy, Policy};
pub use decision::{Aggregate, Command, Decision, NewFact, Rejection};
pub use fact::{
    AccountFact, Area, BackupFact, CodecError, DataFact, DirectoryFact, Encoded, EndingFact, Fact, InboxFact, KeysFact,
    Kind, MediaFact, OutboxFact, RoomFact,
};
pub use stream::Stream;
