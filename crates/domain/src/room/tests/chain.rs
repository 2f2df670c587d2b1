//! Whatever is done in a room, its PDUs are a chain that any Matrix tool can check alone.

use std::collections::BTreeMap;

use proptest::prelude::*;
use ruma::{
    CanonicalJsonObject,
    serde::Base64,
    signatures::{PublicKeyMap, Verified, reference_hash, verify_event},
};
use serde_json::json;

use crate::room::{MembershipAction, ROOM_VERSIONS, fixture::Room};

/// Something that somebody tries.
#[derive(Clone, Debug)]
enum Deed {
    Send,
    Name(String),
    Act(MembershipAction),
    RedactLast,
}

fn deeds() -> impl Strategy<Value = Vec<(usize, Deed, usize)>> {
    let deed = prop_oneof![
        Just(Deed::Send),
        "[a-z ]{0,8}".prop_map(Deed::Name),
        Just(Deed::Act(MembershipAction::Join)),
        Just(Deed::Act(MembershipAction::Leave)),
        Just(Deed::Act(MembershipAction::Invite { is_direct: false })),
        Just(Deed::Act(MembershipAction::Kick)),
        Just(Deed::Act(MembershipAction::Ban)),
        Just(Deed::Act(MembershipAction::Unban)),
        Just(Deed::RedactLast),
    ];
    prop::collection::vec((0..3_usize, deed, 0..3_usize), 0..12)
}

const PEOPLE: [&str; 3] = ["alice", "bob", "carol"];

fn carry_out(room: &mut Room, sender: &str, deed: &Deed, target: &str) {
    // What is refused must leave no trace; that is what the check after it is about.
    let _outcome = match deed {
        Deed::Send => room.encrypted(sender).map(|_| ()),
        Deed::Name(name) => room.set(sender, "m.room.name", "", json!({ "name": name })),
        Deed::Act(MembershipAction::Join) => room.act(sender, MembershipAction::Join, sender).map(|_| ()),
        Deed::Act(MembershipAction::Leave) => room.act(sender, MembershipAction::Leave, sender).map(|_| ()),
        Deed::Act(action) => room.act(sender, action.clone(), target).map(|_| ()),
        Deed::RedactLast => {
            let last = room.pdus().last().unwrap().event_id.clone();
            room.redact(sender, &last).map(|_| ())
        }
    };
}

fn check_chain(room: &Room) {
    let rules = room.state.rules().unwrap();
    let key = Base64::new(room.key.public_key().to_vec());
    let keys: PublicKeyMap = BTreeMap::from([("h".into(), BTreeMap::from([("ed25519:1".into(), key)]))]);
    let mut before = None;
    for (index, pdu) in room.pdus().enumerate() {
        let object: CanonicalJsonObject = serde_json::from_str(pdu.json.get()).unwrap();
        assert_eq!(pdu.event_id.as_str(), format!("${}", reference_hash(&object, rules).unwrap()));
        assert_eq!(verify_event(&keys, &object, rules).unwrap(), Verified::All);
        assert_eq!(pdu.prev_events, before.into_iter().collect::<Vec<_>>());
        assert_eq!(pdu.depth, index as u64 + 1);
        before = Some(pdu.event_id.clone());
    }
    assert_eq!(before.as_ref(), room.state.newest().map(|(id, _)| id));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_pdus_of_a_room_are_a_signed_chain(version in 0..3_usize, deeds in deeds()) {
        let mut room = Room::new(ROOM_VERSIONS[version].clone());
        for (sender, deed, target) in deeds {
            carry_out(&mut room, PEOPLE[sender], &deed, PEOPLE[target]);
        }
        check_chain(&room);
    }
}
