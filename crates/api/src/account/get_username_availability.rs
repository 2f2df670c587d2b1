//! `GET /_matrix/client/v3/register/available`

use axum::extract::State;
use domain::{Rejection, directory::check_username};
use engine::Engine;
use ruma::api::{
    client::account::get_username_availability::v3::{Request, Response},
    error::ErrorKind,
};

use crate::{error::ApiError, extract::Ruma};

pub(crate) async fn handle(State(engine): State<Engine>, Ruma(request): Ruma<Request>) -> Result<Ruma<Response>, ApiError> {
    let user_id = check_username(&request.username, engine.server_name())?;
    if views::accounts::account(&*engine.rows(), &user_id)?.is_some() {
        return Err(Rejection::new(400, ErrorKind::UserInUse, "That user name is taken.").into());
    }
    Ok(Ruma(Response::new(true)))
}
