//! `POST /_matrix/client/v3/rooms/{roomId}/read_markers`

use axum::extract::State;
use domain::{
    Stream,
    user::receipts::{MarkRead, ReceiptKind},
};
use engine::Engine;
use ruma::api::client::read_marker::set_read_marker::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    own::check_joined,
    receipt::new_receipt::new_receipt,
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
    let Request { room_id, fully_read, read_receipt, private_read_receipt, .. } = request;
    check_joined(&*rows, sender, &room_id)?;
    let wanted = [(ReceiptKind::Public, read_receipt), (ReceiptKind::Private, private_read_receipt)];
    let mut receipts = Vec::new();
    for (kind, event_id) in wanted {
        if let Some(event_id) = event_id {
            receipts.push(new_receipt(&*rows, &room_id, kind, None, &event_id)?);
        }
    }
    if let Some(event_id) = &fully_read {
        new_receipt(&*rows, &room_id, ReceiptKind::Private, None, event_id)?;
    }
    Ok(MarkRead { room_id, receipts, fully_read })
}
