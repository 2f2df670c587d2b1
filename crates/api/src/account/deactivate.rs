//! `POST /_matrix/client/v3/account/deactivate`

use axum::extract::State;
use domain::user::Deactivate;
use engine::Engine;
use ruma::api::client::account::{
    ThirdPartyIdRemovalStatus,
    deactivate::v3::{Request, Response},
};

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
    engine.submit(Deactivate { user_id: sender.user_id, erase: request.erase }).await?;
    Ok(Ruma(Response::new(ThirdPartyIdRemovalStatus::NoSupport)))
}
