//! How long a password must and may be.

use domain::Rejection;
use ruma::api::error::ErrorKind;

use crate::uiaa::PASSWORD_BYTES_MAX;

/// The shortest password. Length is what guessing is slowed down by; NIST SP 800-63B asks for eight.
const PASSWORD_CHARS_MIN: usize = 8;

/// Refuses passwords that are guessed at once or too long to hash.
pub(super) fn check_password(password: &str) -> Result<(), Rejection> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(Rejection::invalid_param("A password has at most 1,024 bytes."));
    }
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(Rejection::new(400, ErrorKind::WeakPassword, "A password has at least eight characters."));
    }
    Ok(())
}
