//! `GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::relations::get_relating_events_with_rel_type_and_event_type::v1::{Request, Response};
use views::rooms::RelationFilter;

use super::answer::{Question, answer};
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let rel_type = request.rel_type.to_string();
    let event_type = request.event_type.to_string();
    let question = Question {
        room: &request.room_id,
        event: &request.event_id,
        filter: RelationFilter { rel_type: Some(&rel_type), event_type: Some(&event_type), recurse: request.recurse },
        from: request.from.as_deref(),
        to: request.to.as_deref(),
        dir: request.dir,
        limit: request.limit,
    };
    let answer = engine.read(&sender.user_id, |rows| answer(rows, &sender, &question)).await?;
    let mut response = Response::new(answer.chunk);
    response.next_batch = answer.next_batch;
    response.prev_batch = answer.prev_batch;
    response.recursion_depth = answer.recursion_depth;
    Ok(Ruma(response))
}
