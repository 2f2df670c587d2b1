//! How long an address may be.

use ruma::RoomAliasId;

use crate::Rejection;

/// Bytes of an address.
pub const ALIAS_BYTES_MAX: usize = 255;

/// Refuses what is longer than an address may be (spec: "Room aliases").
pub(crate) fn check_alias(alias: &RoomAliasId) -> Result<(), Rejection> {
    if alias.as_str().len() > ALIAS_BYTES_MAX {
        return Err(Rejection::invalid_param("A room address has at most 255 bytes."));
    }
    Ok(())
}
