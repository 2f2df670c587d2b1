//! Given facts, what the queries of the membership view answer.

use domain::{Fact, room::RoomForgotten, user::AccountDeactivated};
use ruma::{OwnedUserId, events::room::member::MembershipState};
use serde_json::json;

use super::*;
use crate::fixture::{World, room, user};

fn names(users: impl IntoIterator<Item = OwnedUserId>) -> Vec<String> {
    users.into_iter().map(|user| user.localpart().to_owned()).collect()
}

#[test]
fn the_newest_membership_counts() {
    let mut world = World::default();
    world.create("r", "alice");
    let invited = world.member("r", "alice", "bob", "invite");
    let joined = world.member("r", "bob", "bob", "join");
    let left = world.member("r", "bob", "bob", "leave");
    let (rows, room, bob) = (world.rows(), room("r"), user("bob"));
    let at = |position| membership_at(&*rows, &room, &bob, position).unwrap().to_string();
    assert_eq!([at(1), at(invited), at(joined), at(left)], ["leave", "invite", "join", "leave"]);
    assert_eq!(membership_of(&*rows, &room, &bob).unwrap(), MembershipState::Leave);
    assert_eq!(names(joined_members(&*rows, &room).unwrap()), ["alice"]);
    assert_eq!(names(users_with(&*rows, &room, &MembershipState::Leave).unwrap()), ["bob"]);
    assert_eq!(count_with(&*rows, &room, &MembershipState::Invite, 10).unwrap(), 0);
    let changes: Vec<_> = changes_since(&*rows, &bob, invited).unwrap().into_iter().map(|(at, _)| at).collect();
    assert_eq!(changes, [joined, left]);
}

#[test]
fn a_stay_is_the_same_in_a_replay_that_lacks_redacted_member_events() {
    let since = |world: &World| joined_at(&*world.rows(), &room("r"), &user("bob")).unwrap();
    let mut world = World::default();
    world.create("r", "alice");
    let first = world.member("r", "bob", "bob", "join");
    world.member("r", "bob", "bob", "join");
    world.redact("bob", first);
    assert_eq!(since(&world), Some(first), "with the first join, though it was redacted");
    world.assert_replay_is_equal();
    let left = world.member("r", "bob", "bob", "leave");
    let again = world.member("r", "bob", "bob", "join");
    world.redact("bob", left);
    assert_eq!(since(&world), Some(again), "a redacted leave still ends a stay");
    world.redact("bob", again);
    assert_eq!(since(&world), Some(again));
    world.assert_replay_is_equal();
}

#[test]
fn a_stay_begins_with_the_join_and_not_with_a_new_name() {
    let mut world = World::default();
    world.create("r", "alice");
    let since = |world: &World| joined_at(&*world.rows(), &room("r"), &user("bob")).unwrap();
    assert_eq!(since(&world), None);
    world.member("r", "alice", "bob", "invite");
    assert_eq!(since(&world), None);
    let joined = world.member("r", "bob", "bob", "join");
    let renamed = world.member("r", "bob", "bob", "join");
    assert_eq!(since(&world), Some(joined));
    world.redact("bob", renamed);
    world.redact("bob", joined);
    assert_eq!(since(&world), Some(joined));
    world.member("r", "bob", "bob", "leave");
    assert_eq!(since(&world), None);
    let again = world.member("r", "bob", "bob", "join");
    assert_eq!(since(&world), Some(again));
    world.assert_replay_is_equal();
}

#[test]
fn a_redacted_member_event_keeps_the_membership_and_loses_the_name() {
    let mut world = World::default();
    world.create("r", "alice");
    let joined = world.member("r", "bob", "bob", "join");
    world.redact("bob", joined);
    let found = member(&*world.rows(), &room("r"), &user("bob")).unwrap().unwrap();
    assert_eq!((found.membership, found.display_name), (MembershipState::Join, None));
    world.assert_replay_is_equal();

    // An older one that is redacted late must not replace the newer one.
    world.member("r", "alice", "carol", "invite");
    let first = world.member("r", "carol", "carol", "join");
    world.member("r", "carol", "carol", "leave");
    world.redact("alice", first);
    assert_eq!(membership_of(&*world.rows(), &room("r"), &user("carol")).unwrap(), MembershipState::Leave);
    assert_eq!(names(joined_members(&*world.rows(), &room("r")).unwrap()), ["alice", "bob"]);
    world.assert_replay_is_equal();
}

#[test]
fn many_rooms_are_a_hundred_whatever_somebody_is_in_them() {
    let mut world = World::default();
    for number in 0..99 {
        world.create(&format!("r{number}"), "alice");
    }
    let has_many = |world: &World| has_many_rooms(&*world.rows(), &user("alice")).unwrap();
    assert!(!has_many(&world));
    world.create("last", "bob");
    world.member("last", "bob", "alice", "invite");
    assert!(has_many(&world));
    assert!(!has_many_rooms(&*world.rows(), &user("bob")).unwrap());
}

#[test]
fn a_forgotten_room_comes_back_by_joining_again() {
    let mut world = World::default();
    world.create("r", "alice");
    world.member("r", "bob", "bob", "join");
    world.member("r", "bob", "bob", "leave");
    let forget = |world: &mut World| {
        world.fact(domain::Fact::RoomForgotten(RoomForgotten { user_id: user("bob"), room_id: room("r") }));
    };
    forget(&mut world);
    assert!(is_forgotten(&*world.rows(), &room("r"), &user("bob")).unwrap());
    assert!(rooms_of(&*world.rows(), &user("bob")).unwrap().is_empty());
    assert!(!reaches(&*world.rows(), &room("r"), &user("bob"), 3).unwrap());
    world.member("r", "alice", "bob", "invite");
    assert!(!is_forgotten(&*world.rows(), &room("r"), &user("bob")).unwrap());
    world.member("r", "bob", "bob", "join");
    forget(&mut world);
    assert!(!is_forgotten(&*world.rows(), &room("r"), &user("bob")).unwrap(), "who is in a room cannot forget it");
}

/// Spec: "Room history visibility", as a table: what bob sees of one message before his invite, one while invited, one
/// while joined and one after he left, with him coming back or not.
#[test]
fn history_is_seen_as_the_visibility_says() {
    for (visibility, comes_back, expected) in [
        (None, false, [true, true, true, false]),
        (Some("shared"), false, [true, true, true, false]),
        (Some("shared"), true, [true, true, true, true]),
        (Some("joined"), true, [false, false, true, false]),
        (Some("invited"), true, [false, true, true, false]),
        (Some("world_readable"), false, [true, true, true, true]),
    ] {
        let mut world = World::default();
        world.create("r", "alice");
        if let Some(visibility) = visibility {
            let content = json!({ "history_visibility": visibility });
            world.set("r", "alice", "m.room.history_visibility", "", content);
        }
        let say = |world: &mut World| world.send("r", "alice", "m.room.encrypted", json!({}));
        let before = say(&mut world);
        world.member("r", "alice", "bob", "invite");
        let invited = say(&mut world);
        world.member("r", "bob", "bob", "join");
        let joined = say(&mut world);
        world.member("r", "bob", "bob", "leave");
        let after = say(&mut world);
        if comes_back {
            world.member("r", "bob", "bob", "join");
        }
        let sight = world.sight("r", "bob");
        let seen = [before, invited, joined, after].map(|position| sight.reaches(position));
        assert_eq!(seen, expected, "{visibility:?}, comes back: {comes_back}");
        let stranger = world.sight("r", "eve");
        let world_readable = visibility == Some("world_readable");
        assert_eq!(stranger.reaches(joined), world_readable);
        assert_eq!(stranger.reads_state_through().is_some(), world_readable);
    }
}

#[test]
fn who_was_only_invited_reads_no_state() {
    let mut world = World::default();
    world.create("r", "alice");
    world.member("r", "alice", "bob", "invite");
    world.member("r", "bob", "bob", "leave");
    let sight = world.sight("r", "bob");
    assert_eq!(sight.reads_state_through(), None);
    world.member("r", "alice", "carol", "join");
    let left = world.member("r", "carol", "carol", "leave");
    world.member("r", "alice", "carol", "ban");
    let sight = world.sight("r", "carol");
    assert_eq!(sight.reads_state_through(), Some(left));
}

#[test]
fn shared_rooms_are_tracked_for_device_lists() {
    let mut world = World::default();
    world.create("r", "alice");
    world.create("s", "alice");
    world.member("r", "bob", "bob", "join");
    let since = world.member("s", "carol", "carol", "join");
    let changes = |world: &World, name: &str, since| {
        let changes =
            shared_changes(&*world.rows(), &user(name), &rooms_of(&*world.rows(), &user(name)).unwrap(), since).unwrap();
        (names(changes.gained), names(changes.lost))
    };
    let none = || (Vec::<String>::new(), Vec::<String>::new());
    let just = |name: &str| vec![name.to_owned()];
    assert_eq!(changes(&world, "alice", since), none());
    assert_eq!(names(users_sharing_rooms(&*world.rows(), &user("alice")).unwrap()), ["bob", "carol"]);
    assert!(!shares_a_room(&*world.rows(), &user("bob"), &user("carol")).unwrap());

    let since = world.member("s", "bob", "bob", "join");
    assert_eq!(changes(&world, "alice", since), none());
    assert_eq!(changes(&world, "carol", since - 1), (just("bob"), vec![]));
    let since = world.member("r", "bob", "bob", "leave");
    assert_eq!(changes(&world, "alice", since - 1), (just("bob"), vec![]), "they still share s");
    let since = world.member("s", "bob", "bob", "leave");
    assert_eq!(changes(&world, "alice", since - 1), (vec![], just("bob")));
    assert_eq!(changes(&world, "bob", since - 1), (vec![], vec!["alice".to_owned(), "carol".to_owned()]));
    // A new display name is no change.
    let since = world.member("s", "carol", "carol", "join");
    assert_eq!(changes(&world, "alice", since - 1), none());
}

#[test]
fn heroes_are_those_who_are_there_or_were() {
    let mut world = World::default();
    world.create("r", "alice");
    world.member("r", "alice", "zoe", "invite");
    world.member("r", "bob", "bob", "join");
    let heroes = |world: &World| {
        let found = summary(&*world.rows(), &room("r"), &user("alice")).unwrap();
        (names(found.heroes.into_iter().map(|(user, _)| user)), found.joined, found.invited)
    };
    assert_eq!(heroes(&world), (vec!["zoe".to_owned(), "bob".to_owned()], 2, 1));
    world.member("r", "zoe", "zoe", "leave");
    world.member("r", "bob", "bob", "leave");
    assert_eq!(heroes(&world), (vec!["zoe".to_owned(), "bob".to_owned()], 1, 0));
}

#[test]
fn what_erased_people_said_is_for_those_who_were_there() {
    for (erase, later_sees) in [(true, false), (false, true)] {
        let mut world = World::default();
        world.create("r", "alice");
        world.member("r", "bob", "bob", "join");
        let topic = world.set("r", "alice", "m.room.topic", "", json!({ "topic": "Tea" }));
        let said = world.send("r", "alice", "m.room.encrypted", json!({}));
        let answered = world.send("r", "bob", "m.room.encrypted", json!({}));
        world.member("r", "carol", "carol", "join");
        world.fact(Fact::AccountDeactivated(AccountDeactivated { by: None, user_id: user("alice"), erase }));
        let rows = world.rows();
        for (who, position, expected) in
            [("bob", said, true), ("carol", said, later_sees), ("carol", answered, true), ("carol", topic, true)]
        {
            let row = crate::rooms::entry_at(&*rows, room("r").as_str(), position).unwrap().unwrap();
            assert_eq!(world.sight("r", who).may_see(&(position, row)), expected, "{who} at {position}, erase: {erase}");
        }
        drop(rows);
        world.assert_replay_is_equal();
    }
}
