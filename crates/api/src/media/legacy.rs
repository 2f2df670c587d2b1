//! `GET /_matrix/media/v3/download/…` and `…/thumbnail/…`, for clients that know no newer paths.
//!
//! With an access token they answer as the newer ones do. Without one they give out only what was uploaded before such requests needed a
//! token (spec: "Content repository"), and this server has nothing so old.

use axum::{extract::State, response::Response};
use engine::Engine;
use ruma::api::client::authenticated_media::{
    get_content::v1 as get_v1, get_content_as_filename::v1 as get_named_v1, get_content_thumbnail::v1 as thumbnail_v1,
};

use super::{conditions::Conditions, get_content, get_content_thumbnail, stored::missing, work::MediaWork};
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

/// The paths, in the order of the handlers here. What they take is what the newer ones take.
pub(super) const DOWNLOAD: [&str; 2] =
    ["/_matrix/media/v3/download/{server_name}/{media_id}", "/_matrix/media/r0/download/{server_name}/{media_id}"];
pub(super) const DOWNLOAD_NAMED: [&str; 2] = [
    "/_matrix/media/v3/download/{server_name}/{media_id}/{filename}",
    "/_matrix/media/r0/download/{server_name}/{media_id}/{filename}",
];
pub(super) const THUMBNAIL: [&str; 2] =
    ["/_matrix/media/v3/thumbnail/{server_name}/{media_id}", "/_matrix/media/r0/thumbnail/{server_name}/{media_id}"];
pub(super) const CONFIG: [&str; 2] = ["/_matrix/media/v3/config", "/_matrix/media/r0/config"];

pub(super) async fn download(
    engine: State<Engine>,
    sender: Result<Sender, ApiError>,
    conditions: Conditions,
    request: Ruma<get_v1::Request>,
) -> Result<Response, ApiError> {
    get_content::handle(engine, sender.map_err(|_| missing())?, conditions, request).await
}

pub(super) async fn download_named(
    engine: State<Engine>,
    sender: Result<Sender, ApiError>,
    conditions: Conditions,
    request: Ruma<get_named_v1::Request>,
) -> Result<Response, ApiError> {
    get_content::handle_named(engine, sender.map_err(|_| missing())?, conditions, request).await
}

pub(super) async fn thumbnail(
    engine: State<Engine>,
    work: State<MediaWork>,
    sender: Result<Sender, ApiError>,
    conditions: Conditions,
    request: Ruma<thumbnail_v1::Request>,
) -> Result<Response, ApiError> {
    get_content_thumbnail::handle(engine, work, sender.map_err(|_| missing())?, conditions, request).await
}
