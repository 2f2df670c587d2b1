//! `GET /_matrix/client/v3/account/whoami`

use ruma::api::client::account::whoami::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(sender: Sender, Ruma(_): Ruma<Request>) -> Result<Ruma<Response>, ApiError> {
    let mut response = Response::new(sender.user_id, false);
    response.device_id = Some(sender.device_id);
    Ok(Ruma(response))
}
