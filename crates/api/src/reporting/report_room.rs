//! `POST /_matrix/client/v3/rooms/{roomId}/report`

use axum::extract::State;
use domain::user::reports::{MakeReport, Reported};
use engine::Engine;
use ruma::api::client::room::report_room::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let reported = Reported::Room(request.room_id);
    engine.submit(MakeReport { user_id: sender.user_id, reported, reason: Some(request.reason) }).await?;
    Ok(Ruma(Response::new()))
}
