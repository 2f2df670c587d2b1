//! Reports an event, a room or a person (spec: `POST /rooms/{roomId}/report/{eventId}`, `POST /rooms/{roomId}/report`,
//! `POST /users/{userId}/report`).

use ruma::{CanonicalJsonValue, EventId, OwnedEventId, OwnedRoomId, OwnedUserId, RoomId, UserId, events::StateEventType};

use super::ReportMade;
use crate::{Command, Context, Decision, Fact, Rejection, user::UserState};

/// The longest report, bytes.
pub const REPORT_BYTES_MAX: usize = 4_096;

/// What is reported.
#[derive(Clone, Debug)]
pub enum Reported {
    /// An event that the person may see.
    Event(OwnedRoomId, OwnedEventId),
    /// A room that the person has or had to do with, or that everybody may join.
    Room(OwnedRoomId),
    /// Somebody.
    Person(OwnedUserId),
}

/// Reports something. Nobody is told who there is: a report of somebody unknown is taken and forgotten.
#[derive(Clone, Debug)]
pub struct MakeReport {
    /// Who reports.
    pub user_id: OwnedUserId,
    /// What.
    pub reported: Reported,
    /// What they say about it.
    pub reason: Option<String>,
}

impl Command for MakeReport {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?.clone();
        if self.reason.as_ref().is_some_and(|reason| reason.len() > REPORT_BYTES_MAX) {
            return Err(Rejection::too_large("A report has at most 4,096 bytes."));
        }
        let reason = self.reason.filter(|reason| !reason.is_empty());
        let report = ReportMade { event_id: None, reason, reported_user_id: None, room_id: None, user_id };
        let report = match self.reported {
            Reported::Event(room_id, event_id) => {
                let sender = sender_of(&room_id, &event_id, &report.user_id, context)?;
                ReportMade { event_id: Some(event_id), reported_user_id: Some(sender), room_id: Some(room_id), ..report }
            }
            Reported::Room(room_id) => {
                check_room(&room_id, &report.user_id, context)?;
                ReportMade { room_id: Some(room_id), ..report }
            }
            Reported::Person(person) if context.lookup.is_account(&person)? => {
                ReportMade { reported_user_id: Some(person), ..report }
            }
            Reported::Person(_) => return Ok(Decision::AlreadyDone(())),
        };
        Ok(Decision::accept([Fact::ReportMade(report)], ()))
    }
}

/// Who sent an event that the person may see.
fn sender_of(
    room_id: &RoomId,
    event_id: &EventId,
    user_id: &UserId,
    context: &Context<'_>,
) -> Result<OwnedUserId, Rejection> {
    match context.lookup.event(room_id, event_id)? {
        Some(event) if context.lookup.may_see(room_id, user_id, event.position)? => Ok(event.sender),
        _ => Err(Rejection::not_found("There is no such event that you may see.")),
    }
}

fn check_room(room_id: &RoomId, user_id: &UserId, context: &Context<'_>) -> Result<(), Rejection> {
    let rule = context.lookup.state(room_id, &StateEventType::RoomJoinRules, "")?;
    let is_public = rule.is_some_and(|rule| rule.get("join_rule").and_then(CanonicalJsonValue::as_str) == Some("public"));
    if is_public || context.lookup.membership(room_id, user_id)?.is_some() {
        return Ok(());
    }
    Err(Rejection::not_found("There is no such room that you may know of."))
}
