//! Where a bucket is, and who may use it.

use std::{fmt, net::IpAddr};

use url::{Host, Url};
use zeroize::Zeroizing;

/// What an address begins with.
const SCHEME: &str = "s3://";

/// A bucket, or what lies below a name in it: `s3://BUCKET/NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub(crate) bucket: String,
    /// Without slashes at its ends; empty for the whole bucket.
    pub(crate) within: String,
}

/// Why a text is no address of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no bucket; expected one such as s3://my-bucket/hearth, with letters, digits and . - _ in its names")]
pub struct NotAnAddress;

impl Address {
    /// Reads an address; nothing if the text names no bucket but a folder.
    ///
    /// # Errors
    /// It begins as an address and is none.
    pub fn parse(text: &str) -> Result<Option<Self>, NotAnAddress> {
        let Some(rest) = text.strip_prefix(SCHEME) else { return Ok(None) };
        let (bucket, within) = rest.split_once('/').unwrap_or((rest, ""));
        let within = within.trim_end_matches('/');
        let is_plain = |name: &str| {
            let are_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
            are_plain && !name.is_empty() && name != "." && name != ".."
        };
        if !is_plain(bucket) || !(within.is_empty() || within.split('/').all(is_plain)) {
            return Err(NotAnAddress);
        }
        Ok(Some(Self { bucket: bucket.to_owned(), within: within.to_owned() }))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.bucket)?;
        if self.within.is_empty() { Ok(()) } else { write!(f, "/{}", self.within) }
    }
}

/// Whose bucket it is, and by what they know who asks.
#[derive(Clone)]
pub struct Access {
    /// The server of the bucket, such as `https://s3.example.org`; none for Amazon's of the region.
    pub endpoint: Option<String>,
    /// The region, which is part of what is signed.
    pub region: String,
    /// The name of the key.
    pub access_key: String,
    /// The key.
    pub secret_key: Zeroizing<String>,
}

impl Access {
    /// Whether others on the way can read what is sent: it goes to another machine, not by TLS.
    #[must_use]
    pub fn is_open_to_read(&self) -> bool {
        let Some(url) = self.endpoint.as_deref().and_then(|endpoint| Url::parse(endpoint).ok()) else { return false };
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            None => false,
        };
        url.scheme() == "http" && !is_here
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("endpoint", &self.endpoint).field("region", &self.region).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::{Access, Address};

    #[test]
    fn an_address_is_a_bucket_and_a_name_in_it_and_a_folder_is_none() {
        for (text, same) in
            [("s3://b", "s3://b"), ("s3://b/", "s3://b"), ("s3://my-b.1/one/two_2/", "s3://my-b.1/one/two_2")]
        {
            assert_eq!(Address::parse(text).unwrap().unwrap().to_string(), same, "{text}");
        }
        for wrong in
            ["s3://", "s3:///a", "s3://a//b", "s3://a/../b", "s3://a/./b", "s3://a b", "s3://a/ü", "s3://key:word@a/b"]
        {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
        for folder in ["/srv/backups", "backups", "S3", "./s3:"] {
            assert_eq!(Address::parse(folder).unwrap(), None, "{folder}");
        }
    }

    #[test]
    fn what_goes_to_another_machine_in_clear_is_open_to_read() {
        let is_open = |endpoint: Option<&str>| {
            let (region, access_key, secret_key) = ("r".to_owned(), "k".to_owned(), Zeroizing::new("s".to_owned()));
            Access { endpoint: endpoint.map(str::to_owned), region, access_key, secret_key }.is_open_to_read()
        };
        for open in ["http://nas.example", "http://192.168.1.2:9000", "http://[fd00::1]", "HTTP://nas"] {
            assert!(is_open(Some(open)), "{open}");
        }
        for closed in ["https://nas.example", "http://localhost:9000", "http://127.0.0.1:9000", "http://[::1]"] {
            assert!(!is_open(Some(closed)), "{closed}");
        }
        assert!(!is_open(None));
    }
}
