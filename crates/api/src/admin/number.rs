//! Numbers in the query of an address.

use std::str::FromStr;

use domain::Rejection;

/// The number that a parameter is, if there is one.
///
/// # Errors
/// 400 `M_INVALID_PARAM` with `expected`, for what is no such number.
pub(super) fn number<T: FromStr>(text: Option<&str>, expected: &'static str) -> Result<Option<T>, Rejection> {
    text.map(|text| text.parse().map_err(|_| Rejection::invalid_param(expected))).transpose()
}
