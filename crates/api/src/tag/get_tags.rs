//! `GET /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags`

use axum::extract::State;
use domain::user::data::TAGS;
use engine::Engine;
use ruma::{
    api::client::tag::get_tags::v3::{Request, Response},
    events::tag::{TagEventContent, Tags},
};

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
    let content = views::account_data::account_data(&*engine.rows(), &request.user_id, Some(&request.room_id), TAGS)?;
    // Tags can be set as plain account data too, so that they may be anything; what does not read as tags is none.
    let tags = content.and_then(|content| serde_json::from_str::<TagEventContent>(content.get()).ok());
    Ok(Ruma(Response::new(tags.map_or_else(Tags::new, |content| content.tags))))
}
