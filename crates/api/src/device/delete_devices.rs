//! `POST /_matrix/client/v3/delete_devices`

use axum::extract::State;
use domain::user::{CloseSessions, WhichSessions};
use engine::Engine;
use ruma::api::client::device::delete_devices::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    limits::Limits,
    uiaa::{self, Interactive},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    sender: Sender,
    Interactive { request: Ruma(request), begun }: Interactive<Ruma<Request>>,
) -> Result<Ruma<Response>, ApiError> {
    uiaa::confirm(&engine, &limits, &sender, &begun, request.auth.as_ref()).await?;
    let which = WhichSessions::These(request.devices);
    engine.submit(CloseSessions { user_id: sender.user_id, which }).await?;
    Ok(Ruma(Response::new()))
}
