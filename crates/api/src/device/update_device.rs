//! `PUT /_matrix/client/v3/devices/{deviceId}`

use axum::extract::State;
use domain::{Rejection, user::RenameDevice};
use engine::Engine;
use ruma::api::client::device::update_device::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    // The specification: a request without a name leaves the name as it is.
    if request.display_name.is_none() {
        let device = views::accounts::device(&*engine.rows(), &sender.user_id, &request.device_id)?;
        device.ok_or_else(|| Rejection::not_found("You have no such device."))?;
        return Ok(Ruma(Response::new()));
    }
    let command = RenameDevice { user_id: sender.user_id, device_id: request.device_id, display_name: request.display_name };
    engine.submit(command).await?;
    Ok(Ruma(Response::new()))
}
