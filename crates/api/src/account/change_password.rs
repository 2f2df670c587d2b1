//! `POST /_matrix/client/v3/account/password`

use axum::extract::State;
use domain::user::SetPassword;
use engine::Engine;
use ruma::api::client::account::change_password::v3::{Request, Response};

use super::password_length::check_password;
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
    check_password(&request.new_password)?;
    uiaa::confirm(&engine, &limits, &sender, &begun, request.auth.as_ref()).await?;
    let phc = engine.passwords().hash(request.new_password).await?;
    let keep_only = request.logout_devices.then_some(sender.device_id);
    engine.submit(SetPassword { user_id: sender.user_id, phc, keep_only }).await?;
    Ok(Ruma(Response::new()))
}
