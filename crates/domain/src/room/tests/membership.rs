//! Who may come, go, bring and throw out whom.

use ruma::{RoomVersionId, api::client::room::create_room::v3::RoomPreset, events::room::member::MembershipState};
use serde_json::json;

use crate::{
    Policy,
    room::{
        MembershipAction::{self, Ban, Invite, Join, Kick, Knock, Leave, Rename, Unban},
        ROOM_VERSIONS,
        fixture::{Room, new_room, user},
    },
};

const INVITE: MembershipAction = Invite { is_direct: false };

/// Alice made the room and has all power; bob and dora are ordinary members; carol is invited, eve banned, and nobody
/// has heard of fred.
fn given(version: RoomVersionId) -> Room {
    let mut room = Room::new(version);
    room.invite_and_join("bob");
    room.invite_and_join("dora");
    room.act("alice", INVITE, "carol").unwrap();
    room.act("alice", Ban, "eve").unwrap();
    room
}

#[test]
fn memberships_change_as_the_rules_say() {
    use MembershipState as Is;
    let cases: Vec<(&str, MembershipAction, &str, Result<Is, u16>)> = vec![
        ("carol", Join, "carol", Ok(Is::Join)),
        ("carol", Leave, "carol", Ok(Is::Leave)),
        ("fred", Join, "fred", Err(403)),
        ("eve", Join, "eve", Err(403)),
        ("bob", Join, "bob", Ok(Is::Join)),
        ("bob", Leave, "bob", Ok(Is::Leave)),
        ("fred", Leave, "fred", Err(403)),
        ("fred", Knock, "fred", Err(403)),
        ("bob", INVITE, "fred", Ok(Is::Invite)),
        ("alice", INVITE, "fred", Ok(Is::Invite)),
        ("fred", INVITE, "fred", Err(403)),
        ("carol", INVITE, "fred", Err(403)),
        ("alice", INVITE, "bob", Err(403)),
        ("alice", INVITE, "eve", Err(403)),
        ("alice", Kick, "bob", Ok(Is::Leave)),
        ("alice", Kick, "carol", Ok(Is::Leave)),
        ("alice", Kick, "fred", Err(403)),
        ("alice", Kick, "eve", Err(403)),
        ("bob", Kick, "dora", Err(403)),
        ("bob", Kick, "alice", Err(403)),
        ("fred", Kick, "bob", Err(403)),
        ("alice", Ban, "bob", Ok(Is::Ban)),
        ("alice", Ban, "fred", Ok(Is::Ban)),
        ("bob", Ban, "fred", Err(403)),
        ("alice", Unban, "eve", Ok(Is::Leave)),
        ("alice", Unban, "bob", Err(403)),
        ("bob", Unban, "eve", Err(403)),
        ("bob", Rename, "bob", Ok(Is::Join)),
    ];
    for version in ROOM_VERSIONS {
        for (sender, action, target, expected) in &cases {
            let mut room = given(version.clone());
            let outcome = room.act(sender, action.clone(), target).map_err(|rejection| rejection.status);
            let found = outcome.map(|_| room.state.membership(&user(target)));
            assert_eq!(found, *expected, "version {version}: {sender} {action:?} {target}");
        }
    }
}

#[test]
fn anybody_joins_a_public_room_but_the_banned() {
    let mut asked = new_room(RoomVersionId::V12);
    asked.preset = RoomPreset::PublicChat;
    let mut room = Room::create(asked, Policy::default()).unwrap();
    room.act("fred", Join, "fred").unwrap();
    room.act("alice", Ban, "fred").unwrap();
    assert_eq!(room.act("fred", Join, "fred").unwrap_err().status, 403);
    room.act("alice", Unban, "fred").unwrap();
    room.act("fred", Join, "fred").unwrap();
}

#[test]
fn who_knocks_may_be_let_in() {
    let mut room = Room::new(RoomVersionId::V11);
    room.set("alice", "m.room.join_rules", "", json!({ "join_rule": "knock" })).unwrap();
    room.act("fred", Knock, "fred").unwrap();
    assert_eq!(room.state.membership(&user("fred")), MembershipState::Knock);
    assert_eq!(room.act("fred", Join, "fred").unwrap_err().status, 403);
    room.act("alice", INVITE, "fred").unwrap();
    room.act("fred", Join, "fred").unwrap();
}

#[test]
fn members_of_an_allowed_room_join_a_restricted_one() {
    let allowed = ruma::owned_room_id!("!space:h");
    let mut room = Room::new(RoomVersionId::V11);
    let rule = json!({
        "join_rule": "restricted",
        "allow": [{ "type": "m.room_membership", "room_id": allowed }],
    });
    room.set("alice", "m.room.join_rules", "", rule).unwrap();
    assert_eq!(room.act("fred", Join, "fred").unwrap_err().status, 403);
    room.known.membership = Some(MembershipState::Join);
    room.act("fred", Join, "fred").unwrap();
    let member = room.state.get(&ruma::events::StateEventType::RoomMember, "@fred:h").unwrap();
    assert!(member.content.get().contains("\"join_authorised_via_users_server\":\"@alice:h\""));
}

#[test]
fn repeating_oneself_changes_nothing() {
    let mut room = given(RoomVersionId::V12);
    for (sender, action, target) in [("bob", Join, "bob"), ("alice", INVITE, "carol"), ("alice", Ban, "eve")] {
        assert_eq!(room.act(sender, action.clone(), target).unwrap(), None, "{sender} {action:?} {target}");
    }
    room.act("bob", Leave, "bob").unwrap();
    assert_eq!(room.act("bob", Leave, "bob").unwrap(), None);
}
