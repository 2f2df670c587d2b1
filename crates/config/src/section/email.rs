//! Section `email`: the mail server that takes what this server has to send to people.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Check, section};
use crate::{error::ConfigError, from_text::FromText};

/// How the connection to the mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// From the first byte (RFC 8314, section 3.3).
    Implicit,
    /// After the greeting, and nothing is sent without it (RFC 3207).
    Starttls,
    /// Not at all.
    None,
}

impl SmtpTls {
    /// The port on which such connections are taken.
    #[must_use]
    pub fn usual_port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::Starttls => 587,
            Self::None => 25,
        }
    }
}

impl FromText for SmtpTls {
    const EXPECTED: &'static str = "implicit, starttls or none";

    fn from_text(text: &str) -> Option<Self> {
        match text {
            "implicit" => Some(Self::Implicit),
            "starttls" => Some(Self::Starttls),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}

section! {
    /// Email: links for those who have forgotten their passwords, and questions whether an address is right. Off until host is set.
    Email {
        /// The mail server that takes messages for others, such as "smtp.example.org".
        host: Option<String> = None, "HEARTH_SMTP_HOST";
        /// Its port. Not set: 465 for "implicit", 587 for "starttls", 25 for "none".
        port: Option<u16> = None, "HEARTH_SMTP_PORT";
        /// How the connection is encrypted. "implicit": from the first byte. "starttls": after the greeting, and nothing is sent without
        /// it. "none": not at all, for a mail server on this machine.
        tls: SmtpTls = SmtpTls::Implicit, "HEARTH_SMTP_TLS";
        /// Allows "none" also for a mail server on another machine: whoever is in between reads the password and every link.
        allow_plaintext: bool = false, "HEARTH_SMTP_ALLOW_PLAINTEXT";
        /// The name to log in with at the mail server, if it asks for one.
        user: Option<String> = None, "HEARTH_SMTP_USER";
        /// The password that goes with user.
        password: Option<String> = None, "HEARTH_SMTP_PASSWORD";
        /// Whom messages are from, such as "chat@example.org" or "Chat <chat@example.org>".
        from: Option<String> = None, "HEARTH_EMAIL_FROM";
        /// A file with the root certificate (PEM) by which the mail server is known, for one's own. Not set: those that browsers trust.
        root: Option<PathBuf> = None, "HEARTH_SMTP_ROOT";
    }
}

impl Check for Email {
    fn check(&self) -> Result<(), ConfigError> {
        let Some(host) = self.host.as_deref() else { return self.check_off() };
        if !is_host(host) {
            let problem = format!("{host:?} is not a host; expected one such as \"smtp.example.org\", without a port");
            return Err(ConfigError::value("email.host", problem));
        }
        if self.port == Some(0) {
            return Err(ConfigError::value("email.port", "must be from 1 to 65535"));
        }
        if self.tls == SmtpTls::None && !is_here(host) && !self.allow_plaintext {
            let problem = format!(
                "\"none\" would send the password and every link in clear to {host}; expected \"implicit\" or \"starttls\", or \
                 email.allow_plaintext = true if nobody else is in between"
            );
            return Err(ConfigError::value("email.tls", problem));
        }
        match (&self.user, &self.password) {
            (Some(_), None) => return Err(ConfigError::value("email.password", "is missing beside email.user")),
            (None, Some(_)) => return Err(ConfigError::value("email.user", "is missing beside email.password")),
            _ => {}
        }
        match self.from.as_deref() {
            None => Err(ConfigError::value("email.from", "is missing beside email.host")),
            Some(from) if !is_sender(from) => {
                let problem = format!("{from:?} is not like \"chat@example.org\" or \"Chat <chat@example.org>\"");
                Err(ConfigError::value("email.from", problem))
            }
            Some(_) => Ok(()),
        }
    }
}

impl Email {
    /// Without a host, the rest would be read by nothing.
    fn check_off(&self) -> Result<(), ConfigError> {
        if *self == Self::default() {
            return Ok(());
        }
        Err(ConfigError::value("email.host", "is missing beside the other settings of [email]"))
    }
}

fn is_host(host: &str) -> bool {
    let is_of_name = |b: u8| b.is_ascii_alphanumeric() || b".-_".contains(&b);
    !host.is_empty() && (host.bytes().all(is_of_name) || host.parse::<IpAddr>().is_ok())
}

/// Whether it is this machine, whatever the name service says.
fn is_here(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// An address, or a name and an address in angle brackets.
fn is_sender(from: &str) -> bool {
    let address = match from.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').unwrap_or_default(),
        None => from,
    };
    let is_part = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "<>@".contains(c));
    !from.contains(char::is_control) && address.split_once('@').is_some_and(|(name, host)| is_part(name) && is_part(host))
}
