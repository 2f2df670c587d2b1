//! `PUT /_matrix/media/v3/upload/{serverName}/{mediaId}`

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, Query, Request, State},
};
use domain::{Rejection, user::media::UploadName};
use engine::Engine;

use super::{
    create_content::{Named, content_type},
    upload::Uploader,
};
use crate::{error::ApiError, extract::Sender};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    uploader: Uploader,
    sender: Sender,
    Path((server_name, media_id)): Path<(String, String)>,
    Query(Named { filename }): Query<Named>,
    request: Request,
) -> Result<Json<BTreeMap<String, String>>, ApiError> {
    if server_name != engine.server_name().as_str() {
        return Err(Rejection::not_found("No upload to that address is awaited.").into());
    }
    let content_type = content_type(request.headers());
    let name = UploadName { user_id: sender.user_id, media_id: Some(media_id), content_type, filename };
    uploader.take_in(name, request).await?;
    Ok(Json(BTreeMap::new()))
}
