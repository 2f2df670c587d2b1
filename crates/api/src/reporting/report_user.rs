//! `POST /_matrix/client/v3/users/{userId}/report`

use axum::extract::State;
use domain::user::reports::{MakeReport, Reported};
use engine::Engine;
use ruma::api::client::reporting::report_user::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let reported = Reported::Person(request.user_id);
    engine.submit(MakeReport { user_id: sender.user_id, reported, reason: Some(request.reason) }).await?;
    Ok(Ruma(Response::new()))
}
