//! Files on their way: what is about to be sent, what may be shown, how they are encrypted, and what goes wrong, in words.
//!
//! All that needs no browser. What a file in a message is stands in [`crate::message`].

mod bare;
mod bitmap;
mod blurhash;
mod counter;
mod failure;
mod kept;
mod name;
mod outbox;
mod size;
mod stage;

pub use bare::without_details;
pub use bitmap::blurred;
pub use blurhash::encode as blurhash;
pub use counter::{BLOCK_LEN, counter_at, first_counter};
pub use failure::Failure;
pub use kept::{kept, restored};
pub use name::{clean_name, named_as};
pub use outbox::{Found, Going, MAX_FILES, Outbox, Picked};
pub use size::in_words as size_in_words;
pub use stage::Stage;
