//! What is heard of the lead.

/// What becomes of the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeadNews {
    /// It is ours.
    Granted,
    /// It is ours, taken from a tab that may only have slept.
    Stolen,
    /// Another tab took it.
    Lost,
}
