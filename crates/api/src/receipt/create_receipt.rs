//! `POST /_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}`

use axum::extract::State;
use domain::{
    Rejection, Stream,
    user::receipts::{MarkRead, ReceiptKind},
};
use engine::Engine;
use ruma::{
    api::client::receipt::create_receipt::v3::{ReceiptType, Request, Response},
    events::receipt::ReceiptThread,
};

use super::new_receipt::new_receipt;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    own::check_joined,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let command = command(&engine, &sender, request)?;
    engine.submit(Stream::User(sender.user_id), command).await?;
    Ok(Ruma(Response::new()))
}

fn command(engine: &Engine, sender: &Sender, request: Request) -> Result<MarkRead, ApiError> {
    let rows = engine.rows();
    let Request { room_id, receipt_type, event_id, thread, .. } = request;
    check_joined(&*rows, sender, &room_id)?;
    let kind = match receipt_type {
        ReceiptType::Read => ReceiptKind::Public,
        ReceiptType::ReadPrivate => ReceiptKind::Private,
        ReceiptType::FullyRead if thread == ReceiptThread::Unthreaded => {
            new_receipt(&*rows, &room_id, ReceiptKind::Private, None, &event_id)?;
            return Ok(MarkRead { room_id, receipts: Vec::new(), fully_read: Some(event_id) });
        }
        ReceiptType::FullyRead => return Err(Rejection::invalid_param("A read marker has no thread.").into()),
        _ => return Err(Rejection::invalid_param("There is no such type of receipt.").into()),
    };
    let receipt = new_receipt(&*rows, &room_id, kind, thread.as_str(), &event_id)?;
    Ok(MarkRead { room_id, receipts: vec![receipt], fully_read: None })
}
