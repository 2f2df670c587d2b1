//! Section `https`: encrypted connections that the server ends itself, without a proxy in front.

mod lan;

pub use lan::{Lan, LanHost};

use std::net::SocketAddr;
use std::path::PathBuf;

use super::{Check, section};
use crate::error::ConfigError;

/// Where certificates come from unless an admin says otherwise.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// The longest name of the domain name system, bytes (RFC 1035, section 2.3.4).
const DOMAIN_BYTES_MAX: usize = 253;

section! {
    /// HTTPS by the server itself, without a proxy in front. It begins when domain, certificate or lan is set.
    Https {
        /// The domain under which people reach the server, such as "chat.example.org". Its certificate is fetched from an authority
        /// (ACME) and renewed by itself, for which port 443 must be reachable under that name. It is also the server's name,
        /// unless server.name is set, and its address, unless server.public_url is.
        domain: Option<String> = None, "HEARTH_DOMAIN";
        /// The email address that the authority may write to when something is wrong with the certificate.
        admin_email: Option<String> = None, "HEARTH_ADMIN_EMAIL";
        /// A certificate of one's own instead: the chain in PEM, its own certificate first. Read again when it changes.
        certificate: Option<PathBuf> = None, "HEARTH_HTTPS_CERTIFICATE";
        /// The key that goes with it, in PEM.
        key: Option<PathBuf> = None, "HEARTH_HTTPS_KEY";
        /// A certificate that the server makes itself, for a home network without a domain: "on" for the machine's name and its private
        /// addresses, or a list of what people type, such as ["nas.local", "192.168.1.20"]; in a container it must be a list. Each device
        /// is told once to trust it, by the page that the server shows under http:// (docs/operations/https.md).
        lan: Lan = Lan::Off, "HEARTH_LAN";
        /// The address and port for HTTPS. Not set: port 443 on every address.
        listen: Option<SocketAddr> = None, "HEARTH_HTTPS_LISTEN";
        /// The address and port where plain HTTP is sent on to HTTPS, or with lan where devices get what they need to trust the server.
        /// Not set: port 80 on every address, if there is a domain or lan is on.
        redirect_listen: Option<SocketAddr> = None, "HEARTH_HTTPS_REDIRECT_LISTEN";
        /// The authority's directory. Using it accepts the authority's terms; those of the default are Let's Encrypt's.
        acme_directory: String = LETS_ENCRYPT.to_owned(), "HEARTH_ACME_DIRECTORY";
        /// A file with the root certificate (PEM) by which the authority itself is known, for one's own. Not set: those of the system.
        acme_root: Option<PathBuf> = None, "HEARTH_ACME_ROOT";
    }
}

impl Https {
    /// Whether the server speaks HTTPS itself.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.domain.is_some() || self.certificate.is_some() || self.lan != Lan::Off
    }
}

impl Check for Https {
    fn check(&self) -> Result<(), ConfigError> {
        if let Some(domain) = self.domain.as_deref().filter(|domain| !is_domain(domain)) {
            let problem = format!(
                "{domain:?} is not a domain; expected one such as \"chat.example.org\", without https:// and without a port"
            );
            return Err(ConfigError::value("https.domain", problem));
        }
        if self.lan != Lan::Off && (self.domain.is_some() || self.certificate.is_some()) {
            let problem = "is on beside https.domain or https.certificate; expected one certificate or the other";
            return Err(ConfigError::value("https.lan", problem));
        }
        match (&self.certificate, &self.key) {
            (Some(_), None) => Err(ConfigError::value("https.key", "is missing beside https.certificate")),
            (None, Some(_)) => Err(ConfigError::value("https.certificate", "is missing beside https.key")),
            _ => Ok(()),
        }
    }
}

/// Labels with a dot between, as an authority takes them: an address gets no certificate.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    domain.len() <= DOMAIN_BYTES_MAX
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && !domain.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}
