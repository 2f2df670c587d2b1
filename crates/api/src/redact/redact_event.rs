//! `PUT /_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}`

use axum::extract::State;
use domain::room::{Redact, TransactionKey, TransactionPath};
use engine::Engine;
use ruma::api::client::redact::redact_event::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::check_joined,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_joined(&*engine.rows(), &sender, &request.room_id)?;
    let transaction = TransactionKey {
        device_id: sender.device_id,
        id: request.txn_id,
        path: Some(TransactionPath::Redact(request.event_id.clone())),
        user_id: sender.user_id.clone(),
    };
    let command = Redact {
        room_id: request.room_id,
        sender: sender.user_id,
        event_id: request.event_id,
        reason: request.reason,
        transaction: Some(transaction),
    };
    Ok(Ruma(Response::new(engine.submit(command).await?)))
}
