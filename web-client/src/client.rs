//! The only code that talks to matrix-sdk. It hands changes for `hearth_web_state` outward and takes plain values in.
//!
//! Nothing here renders, and nothing outside names a type of matrix-sdk.

mod account;
mod chats;
mod conversation;
mod entry;
mod keys;
mod people;
mod profile;
mod rows;
mod session;
mod sync;
mod trouble;

pub use account::Account;
pub use conversation::OpenConversation;
pub use entry::{SignUp, is_username_free, log_in, sign_up};
pub use keys::Protection;
pub use people::Person;
pub use profile::{DeviceLine, Profile};
pub use session::Session;
