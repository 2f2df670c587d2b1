//! The id of a request: in its answer, in the lines about it, and nowhere else.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// The longest id that is taken from a proxy, bytes.
const BYTES_MAX: usize = 64;

/// What a request is called. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The header that carries it.
    pub const HEADER: &'static str = "x-request-id";

    /// An id that no other request of this process has. `process` tells processes apart.
    #[must_use]
    pub fn next(process: u32) -> Self {
        static REQUESTS: AtomicU64 = AtomicU64::new(0);
        let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
        Self(format!("{process:08x}-{number:x}").into())
    }

    /// The id that a proxy gave a request: 1 to 64 letters, digits, dots, lines and dashes. None for anything else, which could
    /// be more than a name.
    #[must_use]
    pub fn of_proxy(text: &str) -> Option<Self> {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        (!text.is_empty() && text.len() <= BYTES_MAX && text.bytes().all(is_name)).then(|| Self(text.into()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
