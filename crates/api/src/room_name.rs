//! The room that a request names, by its id or by an address.

use domain::Rejection;
use ruma::{OwnedRoomId, RoomAliasId, RoomId, RoomOrAliasId};
use views::{Rows, aliases::target_of};

use crate::error::ApiError;

/// The room that a client names by its id or by an address.
///
/// # Errors
/// 404 `M_NOT_FOUND` for an address that leads nowhere.
pub(crate) fn resolve(rows: &dyn Rows, name: &RoomOrAliasId) -> Result<OwnedRoomId, ApiError> {
    if let Ok(room_id) = <&RoomId>::try_from(name) {
        return Ok(room_id.to_owned());
    }
    let alias = <&RoomAliasId>::try_from(name).map_err(|_| Rejection::invalid_param("That is not a room."))?;
    let target = target_of(rows, alias)?.ok_or_else(|| Rejection::not_found("There is no such room address."))?;
    Ok(target.room_id)
}
