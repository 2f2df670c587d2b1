//! Lanes decide and views show, each from its own folding of the same facts. Whatever people do in a room, both say the same
//! of it, and so does a lane that is folded anew from what is left in the log.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Decision, Rejection,
    room::{
        ChangeMembership, EndExpiries, MembershipAction, ROOM_VERSIONS, Redact, RoomState, SendMessage, SetExpiry, SetState,
        TransactionKey, TransactionPath,
    },
};
use proptest::prelude::*;
use ruma::{
    CanonicalJsonObject, OwnedEventId, OwnedUserId, UserId,
    events::{StateEventType, TimelineEventType},
};
use serde_json::{Value, json};
use views::{
    END,
    membership::{joined_members, membership_at, membership_of},
    rooms::{current_state, entry_at, entry_of, newest_position, power_levels_of},
};

use crate::{
    deeds::{Deed, deeds},
    house::House,
};

const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dora"];

fn user(name: &str) -> OwnedUserId {
    UserId::parse(format!("@{name}:h")).unwrap()
}

fn object(value: &Value) -> CanonicalJsonObject {
    serde_json::from_value(value.clone()).unwrap()
}

/// A room, and what was done in it by name.
struct Told {
    house: House,
    /// Every event, in order.
    events: Vec<OwnedEventId>,
    /// What each transaction that was accepted has made.
    transactions: BTreeMap<TransactionKey, OwnedEventId>,
    redacted: BTreeSet<OwnedEventId>,
}

impl Told {
    /// An event, counted from the newest, and who sent it if it is still shown.
    fn event(&self, number: usize) -> (OwnedEventId, Option<OwnedUserId>) {
        let event_id = &self.events[self.events.len() - 1 - number % self.events.len()];
        let shown = entry_of(&*self.house.folded.rows(), &self.house.room, event_id).unwrap();
        (event_id.clone(), shown.map(|(_, row)| row.sender))
    }

    /// Tries something. What is refused leaves no trace.
    fn carry_out(&mut self, sender: &str, deed: &Deed, other: &str) -> Result<(), Rejection> {
        let (room_id, sender, target) = (self.house.room.clone(), user(sender), user(other));
        match deed {
            Deed::Send { transaction, content } => {
                let event_type = TimelineEventType::RoomEncrypted;
                let key = transaction_of(&sender, *transaction, TransactionPath::Send(event_type.clone()));
                let (content, transaction) = (object(content), Some(key.clone()));
                let sent = self.house.submit(SendMessage { room_id, sender, event_type, content, transaction })?;
                self.remember(key, sent);
            }
            Deed::Act(action) => {
                let is_own = matches!(
                    action,
                    MembershipAction::Join | MembershipAction::Leave | MembershipAction::Knock | MembershipAction::Rename
                );
                let target = if is_own { sender.clone() } else { target };
                let action = action.clone();
                self.house.submit(ChangeMembership { room_id, sender, target, action, reason: None })?;
            }
            Deed::Set(event_type, key, content) => self.set(sender, (*event_type).into(), key, object(content))?,
            Deed::SetOwnMember(content) => {
                let key = sender.to_string();
                self.set(sender, StateEventType::RoomMember, &key, object(content))?;
            }
            Deed::Empower(level) => {
                let levels = self.house.lane.get(&StateEventType::RoomPowerLevels, "").and_then(|pdu| pdu.content_as());
                let mut content: Value = levels.unwrap_or_else(|| json!({}));
                content["users"][target.as_str()] = json!(level);
                self.set(sender, StateEventType::RoomPowerLevels, "", object(&content))?;
            }
            Deed::Redact { event, is_own, transaction } => {
                let (event_id, of) = self.event(*event);
                let sender = of.filter(|_| *is_own).unwrap_or(sender);
                let key = transaction_of(&sender, *transaction, TransactionPath::Redact(event_id.clone()));
                let transaction = Some(key.clone());
                let command = Redact { room_id, sender, event_id: event_id.clone(), reason: None, transaction };
                let redaction = self.house.submit(command)?;
                self.redacted.insert(event_id);
                self.remember(key, redaction);
            }
            Deed::SetExpiry { event, after_ms } => {
                let (event_id, of) = self.event(*event);
                let sender = of.unwrap_or(sender);
                self.house.submit(SetExpiry { room_id, sender, event_id, expires_after_ms: *after_ms })?;
            }
            Deed::Wait(ms) => {
                self.house.now_ms += ms;
                self.house.submit(EndExpiries { room_id })?;
            }
        }
        Ok(())
    }

    fn set(
        &mut self,
        sender: OwnedUserId,
        event_type: StateEventType,
        state_key: &str,
        content: CanonicalJsonObject,
    ) -> Result<(), Rejection> {
        let (room_id, state_key) = (self.house.room.clone(), state_key.to_owned());
        self.house.submit(SetState { room_id, sender, event_type, state_key, content }).map(|_| ())
    }

    fn remember(&mut self, key: TransactionKey, event_id: OwnedEventId) {
        let before = self.transactions.insert(key, event_id.clone());
        assert!(before.is_none_or(|before| before == event_id), "a transaction makes one event");
    }

    /// Takes down which events there are now.
    fn note_events(&mut self) {
        if let Some((newest, _)) = self.house.lane.newest()
            && !self.events.contains(newest)
        {
            self.events.push(newest.clone());
        }
    }

    /// What the views say of the room is what its lane says.
    fn check_views(&self) {
        let (lane, rows, room) = (&self.house.lane, self.house.folded.rows(), &self.house.room);
        for name in PEOPLE {
            let (user, expected) = (user(name), lane.membership(&user(name)));
            assert_eq!(membership_of(&*rows, room, &user).unwrap(), expected, "{name}");
            assert_eq!(membership_at(&*rows, room, &user, END).unwrap(), expected, "{name} by the history");
        }
        let joined: BTreeSet<OwnedUserId> = lane.joined().collect();
        assert_eq!(joined_members(&*rows, room).unwrap().into_iter().collect::<BTreeSet<_>>(), joined);

        let shown = current_state(&*rows, room).unwrap().into_iter().map(|((event_type, key), position)| {
            let row = entry_at(&*rows, room.as_str(), position).unwrap().unwrap();
            ((event_type, key), (row.event_id, row.content.get().to_owned()))
        });
        assert_eq!(shown.collect::<BTreeMap<_, _>>(), state_of(lane));
        let levels = power_levels_of(&*rows, room).unwrap().unwrap();
        assert_eq!(format!("{levels:?}"), format!("{:?}", lane.power_levels().unwrap()));

        let (newest, _) = lane.newest().unwrap();
        match entry_of(&*rows, room, newest).unwrap() {
            Some((position, _)) => assert_eq!(newest_position(&*rows, room).unwrap(), Some(position)),
            None => assert!(!self.redacted.contains(newest), "only what has expired is not shown"),
        }
        for event_id in &self.redacted {
            let (position, row) = entry_of(&*rows, room, event_id).unwrap().unwrap();
            assert!(row.redacted_by.is_some() && self.house.folded.fact_at(position).is_none(), "{event_id}");
        }
        for (key, event_id) in &self.transactions {
            assert_eq!(lane.transaction(key), Some(event_id));
            if let Some((_, row)) = entry_of(&*rows, room, event_id).unwrap() {
                assert_eq!(row.transaction.as_ref(), Some(key));
            }
        }
    }

    /// A lane that is folded anew knows what the one knows that was there all the time.
    fn check_cold_lane(&self) {
        let (lane, cold) = (&self.house.lane, self.house.cold_lane());
        assert_eq!(state_of(&cold), state_of(lane));
        assert_eq!((cold.newest(), cold.version().unwrap()), (lane.newest(), lane.version().unwrap()));
        for key in self.transactions.keys() {
            assert_eq!(cold.transaction(key), lane.transaction(key));
        }
        // What waits for its moment is told by what is let go in the end.
        let room_id = &self.house.room;
        let left = |lane: &RoomState| match self.house.at_the_end(lane, EndExpiries { room_id: room_id.clone() }).unwrap() {
            Decision::Accept { facts, .. } => format!("{facts:?}"),
            Decision::AlreadyDone(_) => String::new(),
        };
        assert_eq!(left(&cold), left(lane));
    }
}

fn transaction_of(sender: &UserId, number: u8, path: TransactionPath) -> TransactionKey {
    let id = format!("t{number}").into();
    TransactionKey { device_id: "PHONE".into(), id, path: Some(path), user_id: sender.to_owned() }
}

/// Type and key to event and content.
fn state_of(lane: &RoomState) -> BTreeMap<(String, String), (OwnedEventId, String)> {
    let state = lane.iter().map(|((event_type, key), pdu)| {
        ((event_type.to_string(), key.clone()), (pdu.event_id.clone(), pdu.content.get().to_owned()))
    });
    state.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lane_and_views_say_the_same_of_a_room(version in 0..ROOM_VERSIONS.len(), is_public: bool, deeds in deeds()) {
        let house = House::new(&user("alice"), ROOM_VERSIONS[version].clone());
        let events = house.lane.iter().map(|(_, pdu)| pdu.event_id.clone()).collect();
        let mut told = Told { house, events, transactions: BTreeMap::new(), redacted: BTreeSet::new() };
        // Often enough somebody else is there from the start.
        for name in if is_public { &PEOPLE[1..3] } else { &[] } {
            let public = Deed::Set("m.room.join_rules", "", json!({ "join_rule": "public" }));
            told.carry_out("alice", &public, "alice").unwrap();
            told.note_events();
            told.carry_out(name, &Deed::Act(MembershipAction::Join), name).unwrap();
            told.note_events();
        }
        told.check_views();
        for (sender, deed, other) in deeds {
            let before = told.house.folded.position();
            let outcome = told.carry_out(PEOPLE[sender], &deed, PEOPLE[other]);
            prop_assert!(outcome.is_ok() || told.house.folded.position() == before);
            told.note_events();
            told.check_views();
            told.check_cold_lane();
        }
        told.house.folded.assert_replay_is_equal();
    }
}
