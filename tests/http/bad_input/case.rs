//! A case: one request and what it is answered with. The requests themselves are in `cases`.

use reqwest::Method;
use serde_json::Value;

/// Whose request it is.
#[derive(Clone, Copy)]
pub(super) enum Who {
    /// No token.
    Nobody,
    /// Alice, who may.
    Alice,
    /// A token that never was.
    Stranger,
    /// A token that was logged out.
    Gone,
    /// A user name and password in place of a token.
    Basic,
}

/// What a request carries.
#[derive(Clone)]
pub(super) enum Body {
    None,
    Json(Value),
    /// Sent as JSON, whatever it is.
    Text(String),
}

/// One request and what it is answered with.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) who: Who,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Body,
    expected: &'static str,
}

impl Case {
    pub(super) fn expected(&self) -> &'static str {
        self.expected
    }
}

/// A row: name, whose, method, path, body, answer.
pub(super) fn case(
    name: &'static str,
    who: Who,
    method: Method,
    path: impl Into<String>,
    body: Body,
    expected: &'static str,
) -> Case {
    Case { name, who, method, path: path.into(), body, expected }
}
