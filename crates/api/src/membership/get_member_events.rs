//! `GET /_matrix/client/v3/rooms/{roomId}/members`

use axum::extract::State;
use domain::room::MemberContent;
use engine::Engine;
use ruma::api::client::membership::get_member_events::v3::{Request, Response};
use views::rooms::TimelineRow;

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    reader::{RoomReader, position_of},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine
        .read(&sender.user_id, |rows| {
            let reader = RoomReader::open(rows, &sender, &request.room_id)?;
            let at = request.at.as_deref().filter(|at| !at.is_empty()).map(position_of).transpose()?;
            let mut chunk = Vec::new();
            for entry in reader.state(at)? {
                if is_wanted(&entry.1, &request) {
                    chunk.push(reader.render_state(&entry)?);
                }
            }
            Ok(Ruma(Response::new(chunk)))
        })
        .await
}

fn is_wanted(row: &TimelineRow, request: &Request) -> bool {
    if row.event_type != "m.room.member" {
        return false;
    }
    let membership = MemberContent::of(&row.content).membership;
    match (&request.membership, &request.not_membership) {
        (None, None) => true,
        // Spec: both together are an "or".
        (Some(wanted), Some(unwanted)) => membership == *wanted || membership != *unwanted,
        (Some(wanted), None) => membership == *wanted,
        (None, Some(unwanted)) => membership != *unwanted,
    }
}
