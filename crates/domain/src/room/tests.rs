//! The rules of rooms as tables: in this room, when somebody does that, it is allowed or not.

mod allowed;
mod chain;
mod creation;
mod erasure;
mod expiry;
mod membership;
mod power;
mod redaction;
mod sending;
mod upgrading;
