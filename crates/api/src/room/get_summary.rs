//! `GET /_matrix/client/v1/room_summary/{roomIdOrAlias}`

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::{
    api::client::room::get_summary::v1::{Request, Response},
    events::room::member::MembershipState,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    room_name::resolve,
    room_summary::{may_know, summary_of},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Result<Sender, ApiError>,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    // Spec: the access token may be left out; then only what everybody may know is told.
    let user_id = sender.ok().map(|sender| sender.user_id);
    let rows = engine.rows();
    let unknown = || Rejection::not_found("There is no such room that you may know of.");
    let room_id = resolve(&*rows, &request.room_id_or_alias)?;
    let (info, summary) = summary_of(&*rows, &room_id)?.ok_or_else(unknown)?;
    if !may_know(&*rows, &room_id, &info, user_id.as_deref())? {
        return Err(unknown().into());
    }
    let mut response = Response::new(summary);
    if let Some(user_id) = user_id {
        let member = views::membership::member(&*rows, &room_id, &user_id)?;
        response.membership = Some(member.map_or(MembershipState::Leave, |member| member.membership));
    }
    Ok(Ruma(response))
}
