//! How two configurations differ.

/// A setting that has another value than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name, such as `registration.mode`.
    pub setting: String,
    /// Whether a running server takes it over. What it does not counts from the next start on.
    pub is_live: bool,
}
