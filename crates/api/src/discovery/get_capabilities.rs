//! `GET /_matrix/client/v3/capabilities`

use axum::extract::State;
use domain::room::ROOM_VERSIONS;
use engine::Engine;
use ruma::api::client::discovery::get_capabilities::v3::{
    Capabilities, ChangePasswordCapability, ProfileFieldsCapability, Request, Response, RoomVersionStability,
    RoomVersionsCapability, ThirdPartyIdChangesCapability,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    _: Sender,
    Ruma(_): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let mut capabilities = Capabilities::new();
    let available = ROOM_VERSIONS.iter().map(|version| (version.clone(), RoomVersionStability::Stable));
    let default = engine.policy().default_room_version.clone();
    capabilities.room_versions = RoomVersionsCapability::new(default, available.collect());
    capabilities.change_password = ChangePasswordCapability::new(true);
    // Without sending email there is no proof of an address, which is what clients offer here.
    capabilities.thirdparty_id_changes = ThirdPartyIdChangesCapability::new(false);
    capabilities.profile_fields = Some(ProfileFieldsCapability::new(true));
    Ok(Ruma(Response::new(capabilities)))
}
