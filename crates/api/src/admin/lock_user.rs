//! `PUT /_matrix/client/v1/admin/lock/{userId}`. The part of the name before the colon will do as well.

use axum::extract::State;
use domain::user::admin::SetLocked;
use engine::Engine;
use ruma::api::client::admin::lock_user::v1::Response;
use serde::Deserialize;

use super::{acting::Acting, named::Named};
use crate::{body::Body, error::ApiError, extract::Ruma};

#[derive(Deserialize)]
pub(crate) struct Wanted {
    locked: bool,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    Acting(by): Acting,
    Named(user_id): Named,
    Body(Wanted { locked }): Body<Wanted>,
) -> Result<Ruma<Response>, ApiError> {
    engine.submit(SetLocked { by, user_id, locked }).await?;
    Ok(Ruma(Response::new(locked)))
}
