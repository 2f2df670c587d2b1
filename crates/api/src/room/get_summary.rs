//! `GET /_matrix/client/v1/room_summary/{roomIdOrAlias}`

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::{
    api::client::room::get_summary::v1::{Request, Response},
    events::room::member::MembershipState,
};

use super::{may_know, summary_of};
use crate::{
    alias::resolve,
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let rows = engine.rows();
    let unknown = || Rejection::not_found("There is no such room that you may know of.");
    let room_id = resolve(&*rows, &request.room_id_or_alias)?;
    let (info, summary) = summary_of(&*rows, &room_id)?.ok_or_else(unknown)?;
    if !may_know(&*rows, &room_id, &info, Some(&sender.user_id))? {
        return Err(unknown().into());
    }
    let membership = views::membership::member(&*rows, &room_id, &sender.user_id)?.map(|member| member.membership);
    let mut response = Response::new(summary);
    response.membership = Some(membership.unwrap_or(MembershipState::Leave));
    Ok(Ruma(response))
}
