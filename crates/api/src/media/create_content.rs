//! `POST /_matrix/media/v3/upload`

use axum::{
    extract::{Query, Request, State},
    http::{HeaderMap, header::CONTENT_TYPE},
};
use domain::user::media::UploadName;
use engine::Engine;
use ruma::api::client::media::create_content::v3::Response;
use serde::Deserialize;

use super::upload::{Uploader, address};
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

#[derive(Deserialize)]
pub(crate) struct Named {
    pub(super) filename: Option<String>,
}

pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    uploader: Uploader,
    sender: Sender,
    Query(Named { filename }): Query<Named>,
    request: Request,
) -> Result<Ruma<Response>, ApiError> {
    let content_type = content_type(request.headers());
    let name = UploadName { user_id: sender.user_id, media_id: None, content_type, filename };
    let media_id = uploader.take_in(name, request).await?;
    Ok(Ruma(Response::new(address(&engine, &media_id))))
}
