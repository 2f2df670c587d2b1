//! The number of the view. The tables are where their rows are.

/// The view's byte.
pub(super) const VIEW: u8 = 3;
