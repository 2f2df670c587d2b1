//! Files as the browser has them: read a piece at a time, encrypted, sent, fetched, drawn smaller, saved.
//!
//! What they mean to a chat is said elsewhere: nothing here knows messages.

mod blob;
mod cipher;
mod fetch;
mod picked;
mod picture;
mod playable;
mod prepare;
mod upload;

pub(crate) use blob::{ObjectUrl, save};
pub(crate) use cipher::encrypt;
pub(crate) use fetch::fetch;
pub(crate) use picked::{of_clipboard, of_drop, of_input};
pub(crate) use prepare::{Prepared, prepare};
pub(crate) use upload::upload;
