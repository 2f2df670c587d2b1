//! `POST /_matrix/media/v1/create`

use axum::extract::State;
use domain::user::media::AnnounceMedia;
use engine::Engine;
use ruma::{
    MilliSecondsSinceUnixEpoch, UInt,
    api::client::media::create_mxc_uri::v1::{Request, Response},
};

use super::upload::address;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(_): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let announced = engine.submit(AnnounceMedia { user_id: sender.user_id }).await?;
    let mut response = Response::new(address(&engine, &announced.media_id));
    response.unused_expires_at = Some(MilliSecondsSinceUnixEpoch(UInt::new_saturating(announced.expires_at_ms)));
    Ok(Ruma(response))
}
