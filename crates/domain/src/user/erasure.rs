//! Erasure: the log forgets what it says of a person whose account was closed for that. The server itself commands it, as an effect of
//! the closing; rooms, the directory and backups have their own parts of it, on their own lanes.
//!
//! Two things happen with each fact. Whatever states and views hold of the person is dropped, all of it and whatever is named; and the
//! payloads that are named are erased. So it makes no difference to a replay how many of them are erased by then.

mod account;
mod facts;
mod page;
#[cfg(test)]
mod tests;

pub use account::{EraseAccount, Part};
pub use facts::PayloadsErased;
pub use page::PAYLOADS_AT_ONCE_MAX;
pub(crate) use page::{check_not_to_be_erased, erase_in, not_to_be_erased};
