//! `GET /_matrix/client/unstable/org.hearth.admin/users/{userId}`: one account with its devices, which are bounded by how many one person
//! may have.

use axum::{Json, extract::State};
use domain::Rejection;
use engine::Engine;
use ruma::OwnedDeviceId;
use serde::Serialize;

use super::{acting::Acting, named::Named, person::Person};
use crate::error::ApiError;

#[derive(Serialize)]
pub(crate) struct Shown {
    #[serde(flatten)]
    person: Person,
    device_list: Vec<Device>,
}

/// A device that is logged in.
#[derive(Serialize)]
struct Device {
    device_id: OwnedDeviceId,
    display_name: Option<String>,
    /// When it logged in, milliseconds since the epoch.
    opened_at_ms: u64,
}

pub(crate) async fn handle(State(engine): State<Engine>, _: Acting, Named(user_id): Named) -> Result<Json<Shown>, ApiError> {
    engine
        .read_public(|rows| {
            let account = views::accounts::account(rows, &user_id)?;
            let account = account.ok_or_else(|| Rejection::not_found("There is no such account."))?;
            let devices = views::accounts::devices(rows, &user_id)?.into_iter().map(|row| Device {
                device_id: row.device_id,
                display_name: row.display_name,
                opened_at_ms: row.opened_at_ms,
            });
            let person = Person::of(&engine, rows, &user_id, &account)?;
            Ok(Json(Shown { person, device_list: devices.collect() }))
        })
        .await
}
