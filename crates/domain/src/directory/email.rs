//! Email addresses as names for logging in (`docs/decisions/0003-email-without-smtp.md`). Where the server sends mail, they are verified as
//! well (`docs/decisions/0078-only-verified-addresses-get-links.md`).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest address that SMTP can carry (RFC 5321, section 4.5.3.1.3, less the angle brackets).
pub const EMAIL_BYTES_MAX: usize = 254;

/// An email address, trimmed and in lower case (spec: "Account contact information" asks for case folding).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

/// The text is not an email address.
#[derive(Debug, thiserror::Error)]
#[error("not an email address")]
pub struct InvalidEmail;

impl EmailAddress {
    /// Reads an address: one `@` with something on both sides, no white space or control characters, at most
    /// [`EMAIL_BYTES_MAX`] bytes. Whether it exists only sending would tell.
    ///
    /// # Errors
    /// [`InvalidEmail`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let address = text.trim().to_lowercase();
        let (local, domain) = address.split_once('@').ok_or(InvalidEmail)?;
        let is_plain =
            |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@');
        let is_dotted = !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains("..");
        if address.len() > EMAIL_BYTES_MAX || !is_plain(local) || !is_plain(domain) || !is_dotted {
            return Err(InvalidEmail);
        }
        Ok(Self(address))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::EmailAddress;

    #[test]
    fn addresses_are_folded_and_checked() {
        for (text, address) in [
            ("alice@example.org", Some("alice@example.org")),
            (" Alice@Example.ORG\n", Some("alice@example.org")),
            ("a+b@localhost", Some("a+b@localhost")),
            ("", None),
            ("alice", None),
            ("@example.org", None),
            ("alice@", None),
            ("a@b@c", None),
            ("a b@c", None),
            ("a@b..c", None),
            ("a@.c", None),
        ] {
            assert_eq!(EmailAddress::parse(text).ok().as_ref().map(EmailAddress::as_str), address, "{text:?}");
        }
        assert!(EmailAddress::parse(&format!("{}@example.org", "a".repeat(254))).is_err());
    }
}
