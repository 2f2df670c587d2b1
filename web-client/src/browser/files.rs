//! Files as the browser has them: read a piece at a time, encrypted, sent, fetched, drawn smaller, saved.
//!
//! What they mean to a chat is said elsewhere: nothing here knows messages.

mod address;
mod blob;
mod cipher;
mod disk;
mod fetch;
mod forget;
mod kept;
mod picked;
mod picture;
mod playable;
mod prepare;
mod upload;

pub(crate) use address::{ObjectUrl, save};
pub(crate) use cipher::encrypt;
pub(crate) use disk::clear_disk;
pub(crate) use fetch::fetch;
pub(crate) use kept::Kept;
pub(crate) use picked::{of_clipboard, of_drop, of_input};
pub(crate) use prepare::{Prepared, prepare};
pub(crate) use upload::upload;
