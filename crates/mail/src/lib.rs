//! Email that goes out: what is to be sent waits in files until a mail server has taken it.
//!
//! It knows no accounts and no Matrix. What a message says is made by a [`Compose`] each time that it is tried, so that the files hold no
//! links and no secrets: `docs/decisions/0076-wishes-for-mail-wait-in-files.md`.

mod backoff;
mod files;
mod letter;
mod queue;
mod relay;
mod sending;
mod wish;

pub use letter::{Compose, Letter};
pub use queue::{PutError, Queue, WISH_AGE_MS_MAX, WISH_BYTES_MAX, WISHES_MAX};
pub use relay::{Relay, RelaySettings, Sender, SettingsError, Tls, Trouble};
pub use sending::{Pace, send_all};
pub use wish::{What, Wish};

/// Forgets what waits in a folder, where nothing is sent any more, and says how many messages those were.
///
/// # Errors
/// The folder cannot be read or removed.
pub fn forget_all(folder: &std::path::Path) -> std::io::Result<usize> {
    files::remove_all(folder)
}
