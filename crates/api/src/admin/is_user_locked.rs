//! `GET /_matrix/client/v1/admin/lock/{userId}`. The part of the name before the colon will do as well.

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::api::client::admin::is_user_locked::v1::Response;

use super::{acting::Acting, named::Named};
use crate::{error::ApiError, extract::Ruma};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    _: Acting,
    Named(user_id): Named,
) -> Result<Ruma<Response>, ApiError> {
    let rows = engine.rows();
    if views::accounts::account(&*rows, &user_id)?.is_none() {
        return Err(Rejection::not_found("There is no such account.").into());
    }
    Ok(Ruma(Response::new(views::accounts::is_locked(&*rows, &user_id)?)))
}
