//! Reads one setting from the text of an environment variable.

use std::net::SocketAddr;
use std::path::PathBuf;

/// A type of setting.
pub(crate) trait FromText: Sized {
    /// What could be there, as it ends the sentence "expected …".
    const EXPECTED: &'static str;

    /// The value, or none when the text is none.
    fn from_text(text: &str) -> Option<Self>;
}

impl FromText for String {
    const EXPECTED: &'static str = "text";

    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl FromText for bool {
    const EXPECTED: &'static str = "true or false (on and off, yes and no, 1 and 0 will do as well)";

    fn from_text(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "yes" | "1" => Some(true),
            "false" | "off" | "no" | "0" => Some(false),
            _ => None,
        }
    }
}

macro_rules! parsed {
    ($($type:ty, $expected:literal;)+) => {$(
        impl FromText for $type {
            const EXPECTED: &'static str = $expected;

            fn from_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )+};
}

parsed! {
    u64, "a whole number, not negative";
    u16, "a whole number, not negative, at most 65535";
    u32, "a whole number, not negative, at most 4294967295";
    SocketAddr, "an address and a port, such as 127.0.0.1:8008 or [::]:8008";
    PathBuf, "a folder";
}

/// An empty variable unsets: environment files have no other way to say so.
impl<T: FromText> FromText for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_text(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { T::from_text(text).map(Some) }
    }
}

impl FromText for Vec<String> {
    const EXPECTED: &'static str = "a list with commas in between";

    fn from_text(text: &str) -> Option<Self> {
        Some(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }
}
