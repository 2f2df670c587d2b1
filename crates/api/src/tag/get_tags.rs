//! `GET /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags`

use std::collections::BTreeMap;

use axum::extract::State;
use domain::user::data::TAGS;
use engine::Engine;
use ruma::{
    api::client::tag::get_tags::v3::{Request, Response},
    events::tag::TagName,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::check_own,
};

/// Tags as they were stored.
#[derive(Default, Deserialize)]
struct Stored {
    #[serde(default)]
    tags: BTreeMap<TagName, Box<RawValue>>,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_own(&sender, &request.user_id)?;
    let content = views::account_data::account_data(&*engine.rows(), &request.user_id, Some(&request.room_id), TAGS)?;
    // Tags can be set as plain account data too, so that they may be anything; what does not read as a tag is none, and hides no other.
    let stored: Stored = content.and_then(|content| serde_json::from_str(content.get()).ok()).unwrap_or_default();
    let read = stored.tags.into_iter().filter_map(|(name, info)| Some((name, serde_json::from_str(info.get()).ok()?)));
    Ok(Ruma(Response::new(read.collect())))
}
