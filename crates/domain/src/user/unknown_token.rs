//! The refusal of an access token that does not count (spec: "Using access tokens").

use ruma::api::error::{ErrorKind, UnknownTokenErrorData};

use crate::Rejection;

/// 401 `M_UNKNOWN_TOKEN`, for an access token that never counted or does not any more. With `soft_logout` it is merely too
/// old, and the client keeps what it has until it is logged in again.
#[must_use]
pub fn unknown_access_token(soft_logout: bool) -> Rejection {
    let mut data = UnknownTokenErrorData::new();
    data.soft_logout = soft_logout;
    let kind = ErrorKind::UnknownToken(data);
    Rejection::new(401, kind, "The access token is not known (any more). Log in again.")
}
