//! `POST /_matrix/client/v3/rooms/{roomId}/upgrade`

use axum::extract::State;
use domain::{Rejection, room::UpgradeRoom};
use engine::Engine;
use ruma::api::client::room::upgrade_room::v3::{Request, Response};

use super::create_room::check_version;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

/// More creators than that are no room's.
const CREATORS_MAX: usize = 100;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_version(&request.new_version)?;
    if request.additional_creators.len() > CREATORS_MAX {
        return Err(Rejection::invalid_param("That is too many creators.").into());
    }
    let command = UpgradeRoom {
        room_id: request.room_id,
        sender: sender.user_id,
        version: request.new_version,
        additional_creators: request.additional_creators,
    };
    Ok(Ruma(Response::new(engine.submit(command).await?)))
}
