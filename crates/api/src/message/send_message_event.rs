//! `PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}`

use axum::extract::State;
use domain::{
    Rejection,
    room::{Redact, SendMessage, TransactionKey, TransactionPath, content_of},
};
use engine::Engine;
use ruma::{
    CanonicalJsonValue, OwnedEventId,
    api::client::message::send_message_event::v3::{Request, Response},
    events::MessageLikeEventType,
};

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
    let Request { room_id, event_type, txn_id, body, .. } = request;
    let path = TransactionPath::Send(event_type.to_string().into());
    let transaction = Some(TransactionKey {
        device_id: sender.device_id.clone(),
        id: txn_id,
        path: Some(path),
        user_id: sender.user_id.clone(),
    });
    let mut content = content_of(body.json())?;
    if event_type == MessageLikeEventType::RoomRedaction {
        // Sent as a message, a redaction still has to take effect. As at its own endpoint, who is not in the room is not
        // told whether the event exists.
        check_joined(&*engine.rows(), &sender, &room_id)?;
        let event_id = redacts(content.remove("redacts"))?;
        let reason = content.remove("reason").and_then(|reason| reason.as_str().map(str::to_owned));
        let command = Redact { room_id, sender: sender.user_id, event_id, reason, transaction };
        return Ok(Ruma(Response::new(engine.submit(command).await?)));
    }
    let event_type = event_type.to_string().into();
    let command = SendMessage { room_id, sender: sender.user_id, event_type, content, transaction };
    let event_id = engine.submit(command).await?;
    Ok(Ruma(Response::new(event_id)))
}

fn redacts(value: Option<CanonicalJsonValue>) -> Result<OwnedEventId, Rejection> {
    value
        .as_ref()
        .and_then(CanonicalJsonValue::as_str)
        .and_then(|id| OwnedEventId::try_from(id).ok())
        .ok_or_else(|| Rejection::bad_json("A redaction names in \"redacts\" what it redacts."))
}
