//! `GET /_matrix/client/v3/rooms/{roomId}/joined_members`

use std::collections::BTreeMap;

use axum::extract::State;
use engine::Engine;
use ruma::{
    api::client::membership::joined_members::v3::{Request, Response, RoomMember},
    events::room::member::MembershipState,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::check_joined,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine
        .read(&sender.user_id, |rows| {
            check_joined(rows, &sender, &request.room_id)?;
            let mut joined = BTreeMap::new();
            for (user, found) in views::membership::members(rows, &request.room_id)? {
                if found.membership == MembershipState::Join {
                    let mut member = RoomMember::new();
                    member.display_name = found.display_name;
                    member.avatar_url = found.avatar_url.map(Into::into);
                    joined.insert(user, member);
                }
            }
            Ok(Ruma(Response::new(joined)))
        })
        .await
}
