//! The current state of a room. As JSON it is the list of its PDUs, which have their types and keys in them.

use std::{collections::BTreeMap, sync::Arc};

use ruma::events::{StateEventType, TimelineEventType};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::allowed::Allowed;
use crate::room::pdu::Pdu;

/// A type and a key.
pub(super) type Slot = (StateEventType, String);

/// PDUs by type and key.
#[derive(Clone, Default)]
pub(super) struct Current {
    pdus: BTreeMap<Slot, Arc<Pdu>>,
    weight: Weight,
    /// What this very state is known to allow.
    pub(super) allowed: Allowed,
}

/// What pieces other than memberships come to; of memberships there is one for each account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) number: usize,
    pub(super) bytes: usize,
}

impl Weight {
    fn of(pdu: &Pdu) -> Self {
        if pdu.event_type == TimelineEventType::RoomMember {
            Self::default()
        } else {
            Self { number: 1, bytes: pdu.json.get().len() }
        }
    }
}

/// Which piece of current state a PDU is; none when it is a message.
pub(super) fn slot_of(pdu: &Pdu) -> Option<Slot> {
    let state_key = pdu.state_key.clone()?;
    Some((StateEventType::from(pdu.event_type.to_string()), state_key))
}

impl Current {
    pub(super) fn get(&self, slot: &Slot) -> Option<&Arc<Pdu>> {
        self.pdus.get(slot)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Slot, &Arc<Pdu>)> {
        self.pdus.iter()
    }

    pub(super) const fn weight(&self) -> Weight {
        self.weight
    }

    pub(super) fn insert(&mut self, slot: Slot, pdu: Arc<Pdu>) {
        let new = Weight::of(&pdu);
        let old = self.pdus.insert(slot, pdu).map_or(Weight::default(), |pdu| Weight::of(&pdu));
        let Weight { number, bytes } = self.weight;
        self.weight = Weight { number: number + new.number - old.number, bytes: bytes + new.bytes - old.bytes };
        self.allowed = Allowed::default();
    }
}

impl Serialize for Current {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.pdus.values())
    }
}

impl<'de> Deserialize<'de> for Current {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut current = Self::default();
        for pdu in Vec::<Arc<Pdu>>::deserialize(deserializer)? {
            if let Some(slot) = slot_of(&pdu) {
                current.insert(slot, pdu);
            }
        }
        Ok(current)
    }
}

#[cfg(test)]
mod tests {
    use ruma::RoomVersionId;
    use serde_json::json;

    use super::*;
    use crate::room::{STATE_BYTES_MAX, STATE_MAX, fixture::Room};

    /// The weight, counted anew.
    fn counted(current: &Current) -> Weight {
        current
            .iter()
            .map(|(_, pdu)| Weight::of(pdu))
            .fold(Weight::default(), |sum, one| Weight { number: sum.number + one.number, bytes: sum.bytes + one.bytes })
    }

    fn put_copy(room: &mut Room, pdu: &Pdu, key: usize) {
        let copy = Pdu { state_key: Some(key.to_string()), ..pdu.clone() };
        room.state.current.insert(slot_of(&copy).unwrap(), Arc::new(copy));
    }

    #[test]
    fn the_weight_is_that_of_what_is_there() {
        let mut room = Room::new(RoomVersionId::V11);
        for (key, length) in [("a", 10), ("b", 2_000), ("a", 500), ("b", 1)] {
            room.set("alice", "org.example.note", key, json!({ "text": "x".repeat(length) })).unwrap();
            assert_eq!(room.state.current.weight(), counted(&room.state.current));
        }
        let note = room.state.current.iter().find(|(slot, _)| slot.1 == "b").unwrap().1.event_id.clone();
        room.redact("alice", &note).unwrap();
        assert_eq!(room.state.current.weight(), counted(&room.state.current));
        let read: Current = serde_json::from_value(serde_json::to_value(&room.state.current).unwrap()).unwrap();
        assert_eq!(read.weight(), room.state.current.weight());
    }

    #[test]
    fn a_full_state_takes_what_is_smaller_and_people_still_come_and_go() {
        let mut room = Room::new(RoomVersionId::V11);
        let set = |room: &mut Room, key: &str, length: usize| {
            room.set("alice", "org.example.note", key, json!({ "text": "x".repeat(length) }))
                .map_err(|refused| refused.status)
        };
        set(&mut room, "small", 10).unwrap();
        set(&mut room, "0", 59_000).unwrap();
        let note = room.state.current.iter().find(|(slot, _)| slot.1 == "0").unwrap().1.clone();
        for key in 1.. {
            if room.state.current.weight().bytes + note.json.get().len() > STATE_BYTES_MAX {
                break;
            }
            put_copy(&mut room, &note, key);
        }
        assert_eq!(set(&mut room, "another", 60_000), Err(413));
        assert_eq!(set(&mut room, "small", 60_000), Err(413), "larger than the one in its place");
        set(&mut room, "0", 58_000).unwrap();
        room.invite_and_join("bob");
        assert!(room.state.current.weight().bytes <= STATE_BYTES_MAX);
    }

    #[test]
    fn pieces_are_counted_too() {
        let mut room = Room::new(RoomVersionId::V11);
        room.set("alice", "org.example.note", "", json!({})).unwrap();
        let note = room.state.current.iter().find(|(slot, _)| slot.0.to_string() == "org.example.note").unwrap().1.clone();
        for key in room.state.current.weight().number..STATE_MAX {
            put_copy(&mut room, &note, key);
        }
        let refused = room.set("alice", "org.example.note", "another", json!({})).unwrap_err();
        assert_eq!(refused.status, 413);
        room.set("alice", "org.example.note", "", json!({})).unwrap();
    }
}
