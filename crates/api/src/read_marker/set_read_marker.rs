//! `POST /_matrix/client/v3/rooms/{roomId}/read_markers`

use axum::extract::State;
use domain::user::receipts::{MarkRead, NewReceipt, ReceiptKind};
use engine::Engine;
use ruma::api::client::read_marker::set_read_marker::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let Request { room_id, fully_read, read_receipt, private_read_receipt, .. } = request;
    let wanted = [(ReceiptKind::Public, read_receipt), (ReceiptKind::Private, private_read_receipt)];
    let receipt = |(kind, event_id)| Some(NewReceipt { kind, thread: None, event_id: event_id? });
    let receipts = wanted.into_iter().filter_map(receipt).collect();
    engine.submit(MarkRead { user_id: sender.user_id, room_id, receipts, fully_read }).await?;
    Ok(Ruma(Response::new()))
}
