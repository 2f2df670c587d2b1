//! Links that people are given: into the web client, and to the one page that is not of it.

/// Where whoever reads an address says that an account is theirs.
pub(crate) const CONFIRM_EMAIL: &str = "/_matrix/client/unstable/org.hearth.email/confirm";

/// The link by which somebody signs up with a token. The token stands behind the `#`, so that no server and no proxy on the way is told of
/// it.
pub(crate) fn join(web_url: &str, token: &str) -> String {
    format!("{web_url}/#/join/{token}")
}

/// The link by which somebody sets a new password. As there.
pub(crate) fn reset(web_url: &str, token: &str) -> String {
    format!("{web_url}/#/reset/{token}")
}

/// The link by which whoever reads an address says that an account is theirs. It leads to a page without a script, which cannot look behind
/// a `#`; the token is good for nothing else.
pub(crate) fn confirm_email(web_url: &str, token: &str) -> String {
    format!("{web_url}{CONFIRM_EMAIL}?token={token}")
}
