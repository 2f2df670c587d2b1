//! What is being released, and where its files go.

use std::path::PathBuf;

/// What the parts of a release need to know of it.
pub(super) struct Release {
    pub(super) version: &'static str,
    /// The full name of the commit.
    pub(super) commit: String,
    /// The commit's time in seconds since 1970: that of everything in the release, so that another run gives the same bytes.
    pub(super) epoch: String,
    /// The same as `2026-01-31T00:00:00Z`.
    pub(super) time: String,
    pub(super) rehearsal: bool,
    /// The folder for what is published.
    pub(super) dist: PathBuf,
    /// A folder for what is not.
    pub(super) work: PathBuf,
}

impl Release {
    /// The path of a file that is published.
    pub(super) fn file(&self, ending: &str) -> PathBuf {
        self.dist.join(format!("hearth-{}{ending}", self.version))
    }
}

/// The target of the server's binary.
pub(super) fn native_target() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}
