//! Rooms: PDUs, the current state they build, and the commands that add to them.
//!
//! A room of this server is a line of PDUs, each naming the one before it; state resolution of forks has no place
//! until servers federate. Who may do what is decided by the authorization rules in ruma's state resolution crate.

mod build;
mod content;
mod create;
mod encryption;
mod erase_person;
mod erased;
mod expiry;
mod facts;
#[cfg(test)]
pub(crate) mod fixture;
mod forget;
mod in_clear;
mod main_alias;
mod member;
mod membership;
mod named_media;
mod pdu;
mod power;
mod predecessor;
mod pruned;
mod redact;
mod relation;
mod send;
mod set_state;
mod state;
#[cfg(test)]
mod tests;
mod transactions;
mod unname;
mod upgrade;

pub use build::{PduDraft, build_pdu};
pub use content::content_of;
pub use create::{CreateNamedRoom, CreateRoom, INITIAL_STATE_MAX, INVITES_MAX, InitialState, NewRoom, ROOM_VERSIONS};
pub use erase_person::{ERASED_IN_ROOM_MAX, ErasePerson};
pub use erased::PduErased;
pub use expiry::{
    ENDED_AT_ONCE_MAX, EXPIRES_AFTER_MS_MAX, EXPIRIES_MAX, EXPIRIES_OF_ONE_MAX, EndExpiries, EndOld, ExpiryTarget,
    OLD_AT_ONCE_MAX, PduExpired, PduExpirySet, SetExpiry,
};
pub use facts::{RoomForgotten, RoomUpgraded};
pub use forget::ForgetRoom;
pub use member::{MemberContent, MemberProfile};
pub(crate) use membership::not_in_room;
pub use membership::{ChangeMembership, MembershipAction, REASON_BYTES_MAX};
pub use named_media::{NAMED_MEDIA_MAX, named_media};
pub use pdu::{Pdu, PduAdded, PduError, TRANSACTION_ID_BYTES_MAX, TransactionKey, TransactionPath};
pub use power::{creators, power_levels};
pub use predecessor::predecessor;
pub use pruned::PduPruned;
pub use redact::Redact;
pub use relation::RelatesTo;
pub use send::SendMessage;
pub use set_state::SetState;
pub use state::{RoomState, STATE_BYTES_MAX, STATE_MAX};
pub use transactions::TRANSACTIONS_MAX;
pub use unname::UnnameRoom;
pub use upgrade::UpgradeRoom;
