//! `GET /_matrix/client/v3/admin/whois/{userId}`

use axum::extract::State;
use engine::Engine;
use ruma::{
    MilliSecondsSinceUnixEpoch, UInt,
    api::client::admin::get_user_info::v3::{ConnectionInfo, DeviceInfo, Request, Response, SessionInfo},
};
use views::accounts::DeviceRow;

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::check_own,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_own(&sender, &request.user_id)?;
    let devices = views::accounts::devices(&*engine.rows(), &sender.user_id)?;
    let mut response = Response::new();
    response.devices = devices.into_iter().map(|device| (device.device_id.to_string(), info(&device))).collect();
    response.user_id = Some(request.user_id);
    Ok(Ruma(response))
}

/// One session of one connection, without its address and its program, which nobody keeps.
fn info(device: &DeviceRow) -> DeviceInfo {
    let mut connection = ConnectionInfo::new();
    connection.last_seen = Some(MilliSecondsSinceUnixEpoch(UInt::new_saturating(device.opened_at_ms)));
    let mut session = SessionInfo::new();
    session.connections.push(connection);
    let mut info = DeviceInfo::new();
    info.sessions.push(session);
    info
}
