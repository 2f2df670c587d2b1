//! The settings of email as they are used: by what sends it, and by the doctor.

use std::{fs, net::Ipv4Addr, path::PathBuf};

use anyhow::{Context as _, Result};
use config::{Config, Email, Lan, SmtpTls};
use mail::{Relay, RelaySettings, Sender, Tls};

/// Whether links in mail lead to where people find the page: to an address that is set, or to that of a server at home.
pub(crate) fn has_address(config: &Config) -> bool {
    config.server.public_url.is_some() || config.https.lan != Lan::Off
}

/// The mail server that is set; none where none is.
///
/// # Errors
/// What messages are from is no address, or the root certificate does not read.
pub(crate) fn relay(email: &Email, server_name: &str) -> Result<Option<Relay>> {
    let (Some(host), Some(from)) = (email.host.clone(), email.from.clone()) else { return Ok(None) };
    let tls = match email.tls {
        SmtpTls::Implicit => Tls::Implicit,
        SmtpTls::Starttls => Tls::StartTls,
        SmtpTls::None => Tls::None,
    };
    let read = |path: &PathBuf| fs::read(path).with_context(|| format!("email.root: {} cannot be read", path.display()));
    let settings = RelaySettings {
        host,
        port: email.port.unwrap_or(email.tls.usual_port()),
        tls,
        credentials: email.user.clone().zip(email.password.clone()),
        root: email.root.as_ref().map(read).transpose()?,
        sender: Sender { from, hello: hello(server_name) },
    };
    Ok(Some(Relay::new(settings).context("email")?))
}

/// The server's name without a port, as it stands in a greeting (RFC 5321, section 4.1.3): addresses are in brackets.
fn hello(server_name: &str) -> String {
    if let Some((address, _)) = server_name.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return format!("[IPv6:{address}]");
    }
    let host = server_name.split(':').next().unwrap_or_default();
    if host.parse::<Ipv4Addr>().is_ok() { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::hello;

    #[test]
    fn the_greeting_says_the_name_of_the_server() {
        for (name, expected) in [
            ("chat.example.org", "chat.example.org"),
            ("localhost:8008", "localhost"),
            ("192.0.2.1:8008", "[192.0.2.1]"),
            ("[2001:db8::1]:8008", "[IPv6:2001:db8::1]"),
        ] {
            assert_eq!(hello(name), expected);
        }
    }
}
