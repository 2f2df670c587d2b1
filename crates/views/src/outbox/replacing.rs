//! Rooms that replace others, and who is joined to them.

use domain::room::{MemberContent, Pdu, content_of, predecessor};
use projection::{Batch, Table, ViewFault};
use ruma::{
    OwnedUserId,
    events::{TimelineEventType, room::member::MembershipState},
};

use super::effect::{Effect, PENDING, VIEW};

/// Rooms that replace another one.
const REPLACING: Table<String, ()> = Table::new(VIEW, 3);

pub(super) fn added(batch: &mut Batch<'_>, pdu: &Pdu, position: u64) -> Result<(), ViewFault> {
    let room = pdu.room_id.as_str();
    if pdu.event_type == TimelineEventType::RoomCreate {
        let replaces = content_of(&pdu.content).is_ok_and(|create| predecessor(&create).is_some());
        return if replaces { REPLACING.put(batch, room, &()) } else { Ok(()) };
    }
    let Some(user_id) = joined(pdu) else { return Ok(()) };
    if REPLACING.get(batch, room)?.is_none() {
        return Ok(());
    }
    PENDING.put(batch, &position, &Effect::CarryPushRules { room_id: pdu.room_id.clone(), user_id })
}

/// Who is joined by an event, or goes on to be.
pub(super) fn joined(pdu: &Pdu) -> Option<OwnedUserId> {
    let is_join = pdu.event_type == TimelineEventType::RoomMember
        && MemberContent::of(&pdu.content).membership == MembershipState::Join;
    OwnedUserId::try_from(pdu.state_key.as_deref().filter(|_| is_join)?).ok()
}
