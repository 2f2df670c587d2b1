//! `GET /_matrix/client/v3/capabilities`

use axum::{Json, extract::State};
use domain::room::ROOM_VERSIONS;
use engine::Engine;
use ruma::api::client::discovery::get_capabilities::v3::{
    AccountModerationCapability, Capabilities, ProfileFieldsCapability, Request, RoomVersionStability,
    RoomVersionsCapability,
};
use serde_json::{Value, json};
use views::ViewFault;

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    mailing::Mailing,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(mailing): State<Mailing>,
    sender: Sender,
    Ruma(_): Ruma<Request>,
) -> Result<Json<Value>, ApiError> {
    let mut capabilities = Capabilities::new();
    let available = ROOM_VERSIONS.iter().map(|version| (version.clone(), RoomVersionStability::Stable));
    let default = engine.policy().default_room_version.clone();
    capabilities.room_versions = RoomVersionsCapability::new(default, available.collect());
    // Admins lock accounts; nobody suspends any.
    let is_admin = views::accounts::is_admin(&*engine.rows(), &sender.user_id)?;
    capabilities.account_moderation = AccountModerationCapability::new(false, is_admin);
    capabilities.profile_fields = Some(ProfileFieldsCapability::new(true));
    let mut shown =
        serde_json::to_value(&capabilities).map_err(|error| ViewFault::caused("the capabilities do not encode", error))?;
    // Ruma leaves out what is usual, and there are clients that ask for it.
    for name in ["m.change_password", "m.set_displayname", "m.set_avatar_url"] {
        shown[name] = json!({ "enabled": true });
    }
    // Without sending email there is no proof of an address, which is what clients offer here.
    shown["m.3pid_changes"] = json!({ "enabled": mailing.is_on() });
    Ok(Json(json!({ "capabilities": shown })))
}
