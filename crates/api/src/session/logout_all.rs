//! `POST /_matrix/client/v3/logout/all`

use axum::extract::State;
use domain::user::{CloseSessions, WhichSessions};
use engine::Engine;
use ruma::api::client::session::logout_all::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(_): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine.submit(CloseSessions { user_id: sender.user_id, which: WhichSessions::All }).await?;
    Ok(Ruma(Response::new()))
}
