//! What a state of a room has allowed. While the state stays as it is, it allows the same again: power levels and memberships are
//! then not read anew for each message.

use std::collections::HashMap;

use ruma::{OwnedEventId, OwnedUserId, UserId, events::TimelineEventType};

use crate::room::pdu::Pdu;

/// Senders that are remembered; with more, all are forgotten.
const SENDERS_MAX: usize = 64;
/// Types that are remembered of one sender; with more, all of theirs are forgotten.
const TYPES_MAX: usize = 8;

/// Who sent messages of which types in this state, and which pieces of it allowed them. Ids and types have at most 255 bytes, so
/// that this is at most half a mebibyte, and of one sender eight kibibytes.
#[derive(Clone, Default)]
pub(super) struct Allowed(HashMap<OwnedUserId, Vec<(TimelineEventType, Vec<OwnedEventId>)>>);

impl Allowed {
    /// The ids of the state that allowed a message of this sender and type.
    pub(super) fn get(&self, sender: &UserId, event_type: &TimelineEventType) -> Option<&[OwnedEventId]> {
        let of_sender = self.0.get(sender)?;
        of_sender.iter().find(|(allowed, _)| allowed == event_type).map(|(_, auth_events)| &**auth_events)
    }

    /// Takes note of a message that the state allowed.
    pub(super) fn note(&mut self, pdu: &Pdu) {
        if depends_on_more(&pdu.event_type) || self.get(&pdu.sender, &pdu.event_type).is_some() {
            return;
        }
        if self.0.len() >= SENDERS_MAX && !self.0.contains_key(&pdu.sender) {
            self.0.clear();
        }
        let of_sender = self.0.entry(pdu.sender.clone()).or_default();
        if of_sender.len() >= TYPES_MAX {
            of_sender.clear();
        }
        of_sender.push((pdu.event_type.clone(), pdu.auth_events.clone()));
    }
}

/// Whether the authorization rules of some room version ask for more of an event of this type than its sender and its type (spec:
/// "Authorization rules" of each room version).
fn depends_on_more(event_type: &TimelineEventType) -> bool {
    use TimelineEventType::{RoomCreate, RoomMember, RoomPowerLevels, RoomRedaction, RoomThirdPartyInvite};
    matches!(event_type, RoomCreate | RoomMember | RoomPowerLevels | RoomRedaction | RoomThirdPartyInvite)
        || event_type.to_string() == "m.room.aliases"
}

#[cfg(test)]
mod tests {
    use ruma::RoomVersionId;
    use serde_json::json;

    use super::*;
    use crate::{
        Policy,
        room::fixture::{Room, new_room},
    };

    #[test]
    fn what_is_remembered_has_bounds_and_is_the_newest() {
        let plain = Policy { require_encryption: false, ..Policy::default() };
        let mut room = Room::create(new_room(RoomVersionId::V11), plain).unwrap();
        let people: Vec<String> = (0..=SENDERS_MAX).map(|person| format!("person{person}")).collect();
        people.iter().for_each(|name| room.invite_and_join(name));
        for name in &people {
            for number in 0..=TYPES_MAX {
                room.send(name, &format!("org.example.note{number}"), json!({})).unwrap();
                let Allowed(allowed) = &room.state.current.allowed;
                assert!(allowed.len() <= SENDERS_MAX);
                assert!(allowed.values().all(|types| types.len() <= TYPES_MAX));
                let newest = room.pdus().last().unwrap();
                let known = room.state.allows(&newest.sender, &newest.event_type);
                assert_eq!(known, Some(&*newest.auth_events));
            }
        }
    }
}
