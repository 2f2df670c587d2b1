//! `PUT /_matrix/media/v3/upload/{serverName}/{mediaId}`

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, Query, Request, State},
};
use domain::Rejection;
use engine::{BlobStore, Engine};
use ruma::{UserId, api::error::ErrorKind};
use views::media::MediaRow;

use super::{
    create_content::{Named, content_type},
    upload::{Upload, read, store},
};
use crate::{app::ApiSettings, error::ApiError, extract::Sender};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(blobs): State<Arc<dyn BlobStore>>,
    State(settings): State<Arc<ApiSettings>>,
    sender: Sender,
    Path((server_name, media_id)): Path<(String, String)>,
    Query(Named { filename }): Query<Named>,
    request: Request,
) -> Result<Json<BTreeMap<String, String>>, ApiError> {
    // Announcing the upload has been counted.
    check(&engine, &sender.user_id, &server_name, &media_id)?;
    let content_type = content_type(request.headers());
    let bytes = read(request.into_body(), settings.upload_bytes_max).await?;
    let upload = Upload { user_id: sender.user_id, media_id: Some(media_id), content_type, filename, bytes };
    store(&engine, &blobs, upload).await?;
    Ok(Json(BTreeMap::new()))
}

/// Only who reserved an address uploads to it, and once.
fn check(engine: &Engine, user_id: &UserId, server_name: &str, media_id: &str) -> Result<(), ApiError> {
    let unknown = || ApiError::from(Rejection::not_found("No upload to that address is awaited."));
    if server_name != engine.server_name().as_str() {
        return Err(unknown());
    }
    match views::media::media(&*engine.rows(), media_id)? {
        Some(MediaRow::Uploaded(_)) => {
            Err(Rejection::new(409, ErrorKind::CannotOverwriteMedia, "Something was uploaded there before.").into())
        }
        Some(MediaRow::Awaited { user_id: owner, .. }) if owner != *user_id => {
            Err(Rejection::forbidden("Somebody else reserved that address.").into())
        }
        Some(MediaRow::Awaited { .. }) => Ok(()),
        None => Err(unknown()),
    }
}
