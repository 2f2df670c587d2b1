//! Rooms: PDUs, the current state they build, and the commands that add to them.
//!
//! A room of this server is a line of PDUs, each naming the one before it; state resolution of forks has no place
//! until servers federate. Who may do what is decided by the authorization rules in ruma's state resolution crate.

mod build;
mod encryption;
mod forget;
mod pdu;
mod pruned;
mod send;
mod state;

pub use build::{PduDraft, build_pdu};
pub use encryption::is_allowed_in_clear;
pub use forget::{ForgetRoom, RoomForgotten};
pub use pdu::{Pdu, PduAdded, PduError, TransactionKey};
pub use pruned::PduPruned;
pub use send::SendMessage;
pub use state::RoomState;
