//! What a person types to say who they are, or whom they look for: a username, a full id, or an e-mail address.

/// The longest username the form takes, in bytes; with any server name it stays under the spec's 255 for a user id.
pub const MAX_USERNAME_LEN: usize = 64;
/// The longest e-mail address (RFC 5321 section 4.5.3.1.3).
pub const MAX_EMAIL_LEN: usize = 254;

/// How a person names an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// `alice` or `@alice`: an account on this server.
    Username(String),
    /// `@alice:example.org`.
    UserId(String),
    /// `alice@example.org`.
    Email(String),
}

impl Identifier {
    /// Reads what was typed; `None` when it is none of the three.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        if let Some(rest) = typed.strip_prefix('@') {
            return match rest.split_once(':') {
                Some((name, server)) if !name.is_empty() && is_server(server) => Some(Self::UserId(typed.to_owned())),
                Some(_) => None,
                None => username_problem(&rest.to_lowercase()).is_none().then(|| Self::Username(rest.to_lowercase())),
            };
        }
        if typed.contains('@') {
            return is_email(typed).then(|| Self::Email(typed.to_owned()));
        }
        let name = typed.to_lowercase();
        username_problem(&name).is_none().then_some(Self::Username(name))
    }
}

/// A username made from the part of an e-mail address before the `@`; empty when nothing usable is left.
pub fn suggest_username(email: &str) -> String {
    let local = email.trim().split('@').next().unwrap_or_default();
    // Everything after a plus is a private label of the mailbox, not part of a name.
    let local = local.split('+').next().unwrap_or_default().to_lowercase();
    let kept: String = local.chars().filter(|c| is_username_char(*c)).take(MAX_USERNAME_LEN).collect();
    kept.trim_matches(['.', '-', '_', '=', '/']).to_owned()
}

/// Why a username cannot be taken, in words to show; `None` when it can.
pub fn username_problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("Choose a username.")
    } else if name.len() > MAX_USERNAME_LEN {
        Some("A username has at most 64 characters.")
    } else if !name.chars().all(is_username_char) {
        Some("A username is made of a–z, 0–9 and . _ - = /")
    } else {
        None
    }
}

/// Why an e-mail address is not accepted, in words to show; `None` when it is.
pub fn email_problem(email: &str) -> Option<&'static str> {
    if email.trim().is_empty() {
        Some("Enter your email address.")
    } else if !is_email(email.trim()) {
        Some("That doesn’t look like an email address.")
    } else {
        None
    }
}

/// A shape check only: one `@`, something before it, a dot-free or dotted host after it, no spaces.
fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    text.len() <= MAX_EMAIL_LEN
        && !local.is_empty()
        && !host.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && !local.contains('@')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && host.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-')
}

fn is_server(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 230
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']'))
}

/// The characters of a user id's local part (Matrix spec, appendices, "User identifiers"), without `+`.
fn is_username_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '=' | '/')
}

#[cfg(test)]
mod tests {
    use super::{Identifier as I, email_problem, suggest_username, username_problem};

    #[test]
    fn identifiers() {
        for (typed, expected) in [
            ("alice", Some(I::Username("alice".into()))),
            (" Alice ", Some(I::Username("alice".into()))),
            ("@Alice", Some(I::Username("alice".into()))),
            ("@alice:example.org", Some(I::UserId("@alice:example.org".into()))),
            ("@alice:127.0.0.1:8008", Some(I::UserId("@alice:127.0.0.1:8008".into()))),
            ("alice@example.org", Some(I::Email("alice@example.org".into()))),
            ("alice@localhost", Some(I::Email("alice@localhost".into()))),
            ("@alice:", None),
            ("@:example.org", None),
            ("alice@", None),
            ("a b", None),
            ("", None),
        ] {
            assert_eq!(I::parse(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn suggestions() {
        for (email, expected) in [
            ("Alice.Example@mail.org", "alice.example"),
            ("alice+hearth@mail.org", "alice"),
            ("_alice_@mail.org", "alice"),
            ("élise@mail.org", "lise"),
            ("@mail.org", ""),
            ("", ""),
        ] {
            assert_eq!(suggest_username(email), expected, "{email:?}");
        }
    }

    #[test]
    fn problems() {
        assert_eq!(username_problem("alice_1"), None);
        assert!(username_problem("").is_some());
        assert!(username_problem("Alice").is_some());
        assert!(username_problem(&"a".repeat(65)).is_some());
        assert_eq!(email_problem("alice@example.org"), None);
        assert!(email_problem("alice").is_some());
        assert!(email_problem(&format!("{}@example.org", "a".repeat(250))).is_some());
    }
}
