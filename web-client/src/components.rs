//! The pieces screens are made of. Each has a folder with its style beside it.
//!
//! They take plain values and report by callbacks; only screens know the account.

pub mod avatar;
pub mod chat_row;
pub mod composer;
pub mod field;
pub mod icon;
pub mod message_row;
pub mod notice;
pub mod person_row;
pub mod recovery_key;
pub mod strength_meter;
