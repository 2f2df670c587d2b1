//! `GET /_matrix/client/v3/login`

use ruma::api::client::session::get_login_types::v3::{LoginType, PasswordLoginType, Request, Response};

use crate::{error::ApiError, extract::Ruma};

pub(crate) async fn handle(Ruma(_): Ruma<Request>) -> Result<Ruma<Response>, ApiError> {
    Ok(Ruma(Response::new(vec![LoginType::Password(PasswordLoginType::new())])))
}
