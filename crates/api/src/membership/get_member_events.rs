//! `GET /_matrix/client/v3/rooms/{roomId}/members`

use axum::{extract::State, response::Response};
use domain::room::MemberContent;
use engine::Engine;
use ruma::{UserId, api::client::membership::get_member_events::v3::Request, events::AnyStateEvent};
use views::{
    Rows,
    rooms::{TimelineRow, state_keys},
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    paged::{Page, Paged, answer},
    reader::{RoomReader, position_of},
};

/// People that are looked at in one step.
const STEP_MEMBERS: usize = 256;
const EVENT_TYPE: &str = "m.room.member";

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Response, ApiError> {
    let at = request.at.as_deref().filter(|at| !at.is_empty()).map(position_of).transpose()?;
    answer(engine, Members { sender, request, at, after: None, is_begun: false }).await
}

/// The member events from somebody on.
struct Members {
    sender: Sender,
    request: Request,
    at: Option<u64>,
    /// The user who was looked at last.
    after: Option<String>,
    /// Whether there is an event in the answer.
    is_begun: bool,
}

impl Paged for Members {
    fn reader(&self) -> &UserId {
        &self.sender.user_id
    }

    fn step(&mut self, rows: &dyn Rows, page: &mut Page) -> Result<bool, ApiError> {
        let reader = RoomReader::open(rows, &self.sender, &self.request.room_id)?;
        let users = state_keys(rows, &self.request.room_id, EVENT_TYPE, self.after.as_deref(), STEP_MEMBERS)?;
        if self.after.is_none() {
            page.push("{\"chunk\":[");
        }
        let is_last = users.len() < STEP_MEMBERS;
        for user in users {
            if page.is_full() {
                return Ok(false);
            }
            if let Some(entry) = reader.state_event_at(EVENT_TYPE, &user, self.at)?
                && is_wanted(&entry.1, &self.request)
            {
                page.push(if self.is_begun { "," } else { "" });
                page.push(reader.render_state::<AnyStateEvent>(&entry)?.json().get());
                self.is_begun = true;
            }
            self.after = Some(user);
        }
        if is_last {
            page.push("]}");
        }
        Ok(is_last)
    }
}

fn is_wanted(row: &TimelineRow, request: &Request) -> bool {
    let membership = MemberContent::of(&row.content).membership;
    match (&request.membership, &request.not_membership) {
        (None, None) => true,
        // Spec: both together are an "or".
        (Some(wanted), Some(unwanted)) => membership == *wanted || membership != *unwanted,
        (Some(wanted), None) => membership == *wanted,
        (None, Some(unwanted)) => membership != *unwanted,
    }
}
