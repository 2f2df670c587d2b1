//! Section `server`: names, addresses and folders.

mod proxies;

pub use proxies::TrustedProxies;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::{Check, section};
use crate::error::ConfigError;

/// User ids have at most 255 bytes, and a part before the colon.
const NAME_BYTES_MAX: usize = 230;

section! {
    /// Names, addresses and folders.
    Server {
        /// The part of user ids behind the colon, as in @alice:example.org. It cannot be changed later.
        name: String = "localhost".to_owned(), "HEARTH_SERVER_NAME";
        /// Where clients reach the server, such as "https://chat.example.org". Not set: the address that they came to.
        public_url: Option<String> = None, "HEARTH_PUBLIC_URL";
        /// The email address of whoever helps people with this server; clients show it (/.well-known/matrix/support).
        support_email: Option<String> = None, "HEARTH_SUPPORT_EMAIL" live;
        /// The address of a page that helps people with this server, such as "https://example.org/help"; clients show it.
        support_page: Option<String> = None, "HEARTH_SUPPORT_PAGE" live;
        /// People are told who of those they share a room with is there. Whoever says that they are offline is not told of, either way.
        presence: bool = true, "HEARTH_PRESENCE" live;
        /// The address and port to listen on. 0.0.0.0 is every address of the machine.
        listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8008)), "HEARTH_LISTEN";
        /// Reverse proxies in front of the server, such as ["127.0.0.1", "10.0.0.0/8", "fd00::/8"]. Whoever asks through
        /// one is counted by the address that it names in X-Forwarded-For; without this all of them are one. List
        /// proxies and nothing else: whoever connects from these addresses can say any address.
        trusted_proxies: TrustedProxies = TrustedProxies::default(), "HEARTH_TRUSTED_PROXIES";
        /// The folder with the log, the views, the media and the server's key. Back up this one.
        data: PathBuf = PathBuf::from("./data"), "HEARTH_DATA";
        /// How many bytes of memory the server may take, at least 201326592 (192 MiB); caches, queues and what may be asked for at once
        /// follow from it (docs/budgets.md). Not set: what its control group may take (MemoryMax of systemd, or the limit of a
        /// container), or half of the machine's memory if that is less.
        memory_bytes: Option<u64> = None, "HEARTH_MEMORY_BYTES";
        /// A folder with a built web client to serve instead of the one in the binary, for work on the client.
        web_client: Option<PathBuf> = None, "HEARTH_WEB_CLIENT";
    }
}

impl Check for Server {
    fn check(&self) -> Result<(), ConfigError> {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
        if self.name.is_empty() || self.name.len() > NAME_BYTES_MAX || !self.name.bytes().all(is_name) {
            let problem = format!(
                "{:?} is not a server name; expected a domain such as \"example.org\", with or without a port",
                self.name
            );
            return Err(ConfigError::value("server.name", problem));
        }
        for (key, url) in [("server.public_url", &self.public_url), ("server.support_page", &self.support_page)] {
            let is_address = |url: &str| {
                let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
                rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
            };
            if let Some(url) = url.as_deref().filter(|url| !is_address(url)) {
                let problem = format!("{url:?} is not an address that begins with https:// or http://");
                return Err(ConfigError::value(key, problem));
            }
        }
        let is_email = |email: &str| email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
        if let Some(email) = self.support_email.as_deref().filter(|email| !is_email(email)) {
            let problem = format!("{email:?} is not an email address");
            return Err(ConfigError::value("server.support_email", problem));
        }
        Ok(())
    }
}
