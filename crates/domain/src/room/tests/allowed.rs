//! What a state has allowed before it allows without reading itself. A state that was read from its snapshot remembers none of it, and
//! both must decide alike, whatever happened.

use proptest::prelude::*;
use ruma::events::StateEventType;
use serde_json::{Value, json};

use crate::{
    Command, Decision, Fact, NewFact, Policy, Rejection,
    room::{
        MembershipAction, ROOM_VERSIONS, RoomState, SendMessage,
        fixture::{Room, new_room, object, user},
    },
};

const PEOPLE: [&str; 3] = ["alice", "bob", "carol"];
/// Three types of messages, and those that authorization rules have words of their own for.
const TYPES: [&str; 9] = [
    "m.room.encrypted",
    "m.reaction",
    "org.example.note",
    "m.room.redaction",
    "m.room.member",
    "m.room.power_levels",
    "m.room.create",
    "m.room.aliases",
    "m.room.third_party_invite",
];

#[derive(Clone, Debug)]
enum Deed {
    /// A type, and whether the content gives the sender a level.
    Send(usize, bool),
    Act(MembershipAction),
    /// The level of a person, or that of a type.
    SetLevel(bool, usize, i64),
    RedactLevels,
    DefaultLevel(i64),
}

fn deeds() -> impl Strategy<Value = Vec<(usize, Deed, usize)>> {
    let level = || prop_oneof![Just(0), Just(50), Just(100)];
    let deed = prop_oneof![
        6 => (0..TYPES.len(), any::<bool>()).prop_map(|(which, gives)| Deed::Send(which, gives)),
        1 => Just(Deed::Act(MembershipAction::Join)),
        1 => Just(Deed::Act(MembershipAction::Leave)),
        1 => Just(Deed::Act(MembershipAction::Invite { is_direct: false })),
        1 => Just(Deed::Act(MembershipAction::Ban)),
        3 => (any::<bool>(), 0..TYPES.len(), level()).prop_map(|(person, which, level)| Deed::SetLevel(person, which, level)),
        1 => level().prop_map(Deed::DefaultLevel),
        1 => Just(Deed::RedactLevels),
    ];
    prop::collection::vec((0..PEOPLE.len(), deed, 0..PEOPLE.len()), 0..40)
}

fn levels(room: &Room) -> Value {
    let set = room.state.get(&StateEventType::RoomPowerLevels, "");
    set.and_then(|pdu| pdu.content_as()).unwrap_or_else(|| json!({}))
}

fn carry_out(room: &mut Room, sender: &str, deed: Deed, target: &str) {
    let mut levels = levels(room);
    // What is refused changes nothing; what is compared is how messages fare.
    let _outcome = match deed {
        Deed::Send(which, gives) => {
            let content = if gives { json!({ "users": { format!("@{sender}:h"): 100 } }) } else { json!({}) };
            check_alike(room, sender, TYPES[which], &content);
            room.send(sender, TYPES[which], content).map(|_| ())
        }
        Deed::Act(MembershipAction::Join) => room.act(sender, MembershipAction::Join, sender).map(|_| ()),
        Deed::Act(MembershipAction::Leave) => room.act(sender, MembershipAction::Leave, sender).map(|_| ()),
        Deed::Act(action) => room.act(sender, action, target).map(|_| ()),
        Deed::SetLevel(true, _, level) => {
            levels["users"][format!("@{target}:h")] = json!(level);
            room.set(sender, "m.room.power_levels", "", levels)
        }
        Deed::SetLevel(false, which, level) => {
            levels["events"][TYPES[which]] = json!(level);
            room.set(sender, "m.room.power_levels", "", levels)
        }
        Deed::DefaultLevel(level) => {
            levels["events_default"] = json!(level);
            room.set(sender, "m.room.power_levels", "", levels)
        }
        Deed::RedactLevels => {
            let id = room.state.get(&StateEventType::RoomPowerLevels, "").map(|pdu| pdu.event_id.clone());
            id.map_or(Ok(()), |id| room.redact(sender, &id).map(|_| ()))
        }
    };
}

/// What comes of a message: its records, or the status and the sentence of its refusal.
fn outcome(decided: Result<Decision<ruma::OwnedEventId>, Rejection>) -> Result<Vec<Vec<u8>>, (u16, String)> {
    let Decision::Accept { facts, .. } = decided.map_err(|refused| (refused.status, refused.message.to_string()))? else {
        return Ok(Vec::new());
    };
    let encoded = |new: &NewFact| Fact::encode(new.fact()).unwrap().payload;
    Ok(facts.iter().map(encoded).collect())
}

fn check_alike(room: &Room, sender: &str, event_type: &str, content: &Value) {
    let forgetful: RoomState = serde_json::from_value(serde_json::to_value(&room.state).unwrap()).unwrap();
    let command = SendMessage {
        room_id: room.id(),
        sender: user(sender),
        event_type: event_type.into(),
        content: object(content.clone()),
        transaction: None,
    };
    let remembered = outcome(command.clone().decide(&room.state, &room.context()));
    assert_eq!(remembered, outcome(command.decide(&forgetful, &room.context())), "{sender} sends {event_type} {content}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_allowed_before_is_decided_as_if_it_were_the_first_time(version in 0..ROOM_VERSIONS.len(), deeds in deeds()) {
        let plain = Policy { require_encryption: false, ..Policy::default() };
        let mut room = Room::create(new_room(ROOM_VERSIONS[version].clone()), plain).unwrap();
        room.invite_and_join("bob");
        for (sender, deed, target) in deeds {
            carry_out(&mut room, PEOPLE[sender], deed, PEOPLE[target]);
        }
    }
}

#[test]
fn power_levels_that_are_sent_as_a_message_are_weighed_each_time() {
    for version in ROOM_VERSIONS {
        let plain = Policy { require_encryption: false, ..Policy::default() };
        let mut room = Room::create(new_room(version.clone()), plain).unwrap();
        room.invite_and_join("bob");
        let mut levels = levels(&room);
        levels["users"]["@bob:h"] = json!(50);
        levels["events"]["m.room.power_levels"] = json!(50);
        room.set("alice", "m.room.power_levels", "", levels.clone()).unwrap();
        room.send("bob", "m.room.power_levels", levels.clone()).unwrap();
        levels["users"]["@bob:h"] = json!(100);
        let refused = room.send("bob", "m.room.power_levels", levels).unwrap_err();
        assert_eq!(refused.status, 403, "version {version}: {refused}");
    }
}
