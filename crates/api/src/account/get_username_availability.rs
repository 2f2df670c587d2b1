//! `GET /_matrix/client/v3/register/available`

use std::sync::Arc;

use axum::extract::State;
use domain::{Rejection, directory::check_username};
use engine::Engine;
use ruma::api::{
    client::account::get_username_availability::v3::{Request, Response},
    error::ErrorKind,
};

use super::sign_up_token::closed;
use crate::{
    app::{ApiSettings, Registration},
    error::ApiError,
    extract::Ruma,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    match settings.registration {
        Registration::Open => {}
        Registration::Closed => return Err(closed().into()),
        // The request has no place for a token, and whoever has none is not told which names there are.
        Registration::Invite(_) => {
            return Err(Rejection::forbidden("Who signs up with a token is told then whether the name is taken.").into());
        }
    }
    let user_id = check_username(&request.username.to_ascii_lowercase(), engine.server_name())?;
    if views::accounts::account(&*engine.rows(), &user_id)?.is_some() {
        return Err(Rejection::new(400, ErrorKind::UserInUse, "That user name is taken.").into());
    }
    Ok(Ruma(Response::new(true)))
}
