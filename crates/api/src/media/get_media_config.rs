//! `GET /_matrix/client/v1/media/config`

use std::sync::Arc;

use axum::extract::State;
use ruma::{UInt, api::client::authenticated_media::get_media_config::v1::Response};

use crate::{
    app::ApiSettings,
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(State(settings): State<Arc<ApiSettings>>, _: Sender) -> Result<Ruma<Response>, ApiError> {
    Ok(Ruma(Response::new(UInt::new_saturating(settings.upload_bytes_max as u64))))
}
