//! `GET /_matrix/client/v3/rooms/{roomId}/joined_members`

use axum::{extract::State, response::Response};
use domain::Rejection;
use engine::Engine;
use ruma::{
    OwnedRoomId, OwnedUserId, UserId, api::client::membership::joined_members::v3::Request,
    events::room::member::MembershipState,
};
use serde::Serialize;
use views::{Rows, membership::members_after};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    paged::{Page, Paged, answer},
    reader::RoomReader,
};

/// People that are looked at in one step.
const STEP_MEMBERS: usize = 256;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Response, ApiError> {
    answer(engine, Joined { sender, room_id: request.room_id, after: None, is_begun: false }).await
}

/// Somebody who is joined. What they do not have is null, and not left out.
#[derive(Serialize)]
struct Shown {
    avatar_url: Option<String>,
    display_name: Option<String>,
}

/// Those who are joined, from somebody on.
struct Joined {
    sender: Sender,
    room_id: OwnedRoomId,
    /// The user who was looked at last.
    after: Option<OwnedUserId>,
    /// Whether there is somebody in the answer.
    is_begun: bool,
}

impl Paged for Joined {
    fn reader(&self) -> &UserId {
        &self.sender.user_id
    }

    fn step(&mut self, rows: &dyn Rows, page: &mut Page) -> Result<bool, ApiError> {
        // As it is now: who has left may ask for the members of then.
        if RoomReader::open(rows, &self.sender, &self.room_id)?.left_at().is_some() {
            return Err(Rejection::forbidden("You are not in this room.").into());
        }
        let members = members_after(rows, &self.room_id, self.after.as_deref(), STEP_MEMBERS)?;
        if self.after.is_none() {
            page.push("{\"joined\":{");
        }
        let is_last = members.len() < STEP_MEMBERS;
        for (user, found) in members {
            if page.is_full() {
                return Ok(false);
            }
            if found.membership == MembershipState::Join {
                let member = Shown { display_name: found.display_name, avatar_url: found.avatar_url };
                page.push(if self.is_begun { "," } else { "" });
                page.value(&user)?;
                page.push(":");
                page.value(&member)?;
                self.is_begun = true;
            }
            self.after = Some(user);
        }
        if is_last {
            page.push("}}");
        }
        Ok(is_last)
    }
}
