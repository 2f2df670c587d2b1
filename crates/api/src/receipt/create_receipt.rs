//! `POST /_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}`

use axum::extract::State;
use domain::{
    Rejection,
    user::receipts::{MarkRead, NewReceipt, ReceiptKind},
};
use engine::Engine;
use ruma::{
    api::client::receipt::create_receipt::v3::{ReceiptType, Request, Response},
    events::receipt::ReceiptThread,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let command = command(sender, request)?;
    engine.submit(command).await?;
    Ok(Ruma(Response::new()))
}

fn command(sender: Sender, request: Request) -> Result<MarkRead, ApiError> {
    let user_id = sender.user_id;
    let Request { room_id, receipt_type, event_id, thread, .. } = request;
    let kind = match receipt_type {
        ReceiptType::Read => ReceiptKind::Public,
        ReceiptType::ReadPrivate => ReceiptKind::Private,
        ReceiptType::FullyRead if thread == ReceiptThread::Unthreaded => {
            return Ok(MarkRead { user_id, room_id, receipts: Vec::new(), fully_read: Some(event_id) });
        }
        ReceiptType::FullyRead => return Err(Rejection::invalid_param("A read marker has no thread.").into()),
        _ => return Err(Rejection::invalid_param("There is no such type of receipt.").into()),
    };
    let receipt = NewReceipt { kind, thread: thread.as_str().map(str::to_owned), event_id };
    Ok(MarkRead { user_id, room_id, receipts: vec![receipt], fully_read: None })
}
