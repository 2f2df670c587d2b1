//! How a server at home is called, as an admin writes it: `"on"`, `["nas.local", "192.168.1.20"]` or `"off"`.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::from_text::FromText;

/// Names and addresses that one certificate speaks for at most.
const HOSTS_MAX: usize = 16;
/// The longest name of the domain name system, bytes (RFC 1035, section 2.3.4).
const NAME_BYTES_MAX: usize = 253;
/// The longest part between dots, bytes.
const LABEL_BYTES_MAX: usize = 63;

/// Whether the server speaks HTTPS with a certificate of its own, and for which names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lan {
    /// It does not.
    #[default]
    Off,
    /// For the machine's name, and for its addresses in the home network as they are.
    Found,
    /// For these; at least one, the one that people are told first.
    Named(Vec<LanHost>),
}

/// What people put behind `https://`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LanHost {
    /// An address.
    Address(IpAddr),
    /// A name in lower case, such as `nas.local`, `nas` or `hearth.home.arpa`.
    Name(String),
}

const EXPECTED: &str = "on, off, or the names and addresses of this machine at home, such as nas.local, 192.168.1.20, \
                        with commas in between and without https:// and ports";

impl FromText for Lan {
    const EXPECTED: &'static str = EXPECTED;

    fn from_text(text: &str) -> Option<Self> {
        match bool::from_text(text.trim()) {
            Some(true) => Some(Self::Found),
            Some(false) => Some(Self::Off),
            // Environment files have no other way to unset.
            None if text.is_empty() => Some(Self::Off),
            None => named(text.split(',')),
        }
    }
}

fn named<'a>(items: impl Iterator<Item = &'a str>) -> Option<Lan> {
    let hosts: Vec<LanHost> = items.map(|item| host(item.trim())).collect::<Option<_>>()?;
    (!hosts.is_empty() && hosts.len() <= HOSTS_MAX).then_some(Lan::Named(hosts))
}

impl FromStr for LanHost {
    type Err = NoHost;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        host(text).ok_or(NoHost)
    }
}

/// Neither an address nor a name.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("neither an address nor a name")]
pub struct NoHost;

fn host(text: &str) -> Option<LanHost> {
    let address = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = address.parse() {
        return Some(LanHost::Address(address));
    }
    let is_label = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    // What consists of digits alone is an address that somebody mistyped.
    let is_name =
        text.len() <= NAME_BYTES_MAX && text.split('.').all(is_label) && text.bytes().any(|b| b.is_ascii_alphabetic());
    is_name.then(|| LanHost::Name(text.to_ascii_lowercase()))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Switch(bool),
    Text(String),
    List(Vec<String>),
}

impl<'de> Deserialize<'de> for Lan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || D::Error::custom(format_args!("expected {EXPECTED}"));
        match Written::deserialize(deserializer).map_err(|_| wrong())? {
            Written::Switch(is_on) => Ok(if is_on { Self::Found } else { Self::Off }),
            Written::Text(text) => Self::from_text(&text).ok_or_else(wrong),
            Written::List(list) => named(list.iter().map(String::as_str)).ok_or_else(wrong),
        }
    }
}

impl Serialize for Lan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => serializer.serialize_str("off"),
            Self::Found => serializer.serialize_str("on"),
            Self::Named(hosts) => serializer.collect_seq(hosts.iter().map(ToString::to_string)),
        }
    }
}

/// As it stands in an address: IPv6 in brackets (RFC 3986, section 3.2.2).
impl fmt::Display for LanHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}
