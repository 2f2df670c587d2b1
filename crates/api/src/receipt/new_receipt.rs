//! A receipt before it is submitted: where in the room its event is.

use domain::{
    Rejection,
    user::receipts::{NewReceipt, ReceiptKind},
};
use ruma::{EventId, RoomId};
use views::Rows;

use crate::error::ApiError;

/// A receipt for an event of a room.
///
/// # Errors
/// 404 `M_NOT_FOUND` when the room has no such event.
pub(crate) fn new_receipt(
    rows: &dyn Rows,
    room_id: &RoomId,
    kind: ReceiptKind,
    thread: Option<&str>,
    event_id: &EventId,
) -> Result<NewReceipt, ApiError> {
    let (event_position, _) = views::rooms::entry_of(rows, room_id, event_id)?
        .ok_or_else(|| Rejection::not_found("The room has no such event."))?;
    Ok(NewReceipt { kind, thread: thread.map(str::to_owned), event_id: event_id.to_owned(), event_position })
}
