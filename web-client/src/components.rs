//! The pieces screens are made of. Each has a folder with its style beside it.
//!
//! They take plain values and report by callbacks; only screens know the account.

pub(crate) mod avatar;
pub(crate) mod chat_row;
pub(crate) mod composer;
pub(crate) mod emoji_picker;
pub(crate) mod field;
pub(crate) mod icon;
pub(crate) mod message_menu;
pub(crate) mod message_row;
pub(crate) mod notice;
pub(crate) mod person_row;
pub(crate) mod recovery_key;
pub(crate) mod strength_meter;
