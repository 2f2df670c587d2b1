//! `GET /_matrix/client/v3/pushrules/`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::push::get_pushrules_all::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(_): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    Ok(Ruma(Response::new(views::account_data::push_rules(&*engine.rows(), &sender.user_id)?)))
}
