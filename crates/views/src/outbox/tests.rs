//! What is left to do, and when no more.

use domain::{
    Fact,
    outbox::EffectFinished,
    room::RoomUpgraded,
    user::{AccountDeactivated, ProfileFieldSet},
};
use serde_json::json;

use super::{Effect, pending};
use crate::fixture::{World, room, user};

fn named(name: &str, field: &str) -> Fact {
    let value = Some(json!("x"));
    Fact::ProfileFieldSet(ProfileFieldSet { user_id: user(name), field: field.to_owned(), value })
}

fn finished(position: u64) -> Fact {
    Fact::EffectFinished(EffectFinished { position })
}

fn left(world: &World) -> Vec<(u64, Effect)> {
    pending(&*world.rows(), 0, 100).unwrap()
}

#[test]
fn a_name_that_was_changed_again_is_carried_once() {
    let mut world = World::default();
    let renamed = || Effect::Rename { user_id: user("alice") };
    let first = world.fact(named("alice", "displayname"));
    assert_eq!(left(&world), [(first, renamed())]);
    world.fact(named("alice", "org.example.place"));
    let second = world.fact(named("alice", "avatar_url"));
    let bobs = world.fact(named("bob", "displayname"));
    assert_eq!(left(&world), [(second, renamed()), (bobs, Effect::Rename { user_id: user("bob") })]);
    assert_eq!(pending(&*world.rows(), second, 100).unwrap().len(), 1, "those behind one that waits");
    // Said of the one that was replaced meanwhile.
    world.fact(finished(first));
    assert_eq!(left(&world).len(), 2);
    world.fact(finished(second));
    let third = world.fact(named("alice", "displayname"));
    assert_eq!(left(&world).iter().map(|(position, _)| *position).collect::<Vec<_>>(), [bobs, third]);
    world.assert_replay_is_equal();
}

#[test]
fn accounts_that_close_and_rooms_that_are_replaced_have_something_left_to_do() {
    let mut world = World::default();
    world.fact(named("alice", "displayname"));
    let closed = AccountDeactivated { by: None, user_id: user("alice"), erase: true };
    let closed = world.fact(Fact::AccountDeactivated(closed));
    let upgraded = RoomUpgraded { replacement_id: room("new"), room_id: room("old") };
    let upgraded = world.fact(Fact::RoomUpgraded(upgraded));
    let expected = [
        (closed, Effect::Deactivate { erase: true, user_id: user("alice") }),
        (upgraded, Effect::MoveAliases { from: room("old"), to: room("new") }),
    ];
    assert_eq!(left(&world), expected);
    world.fact(finished(closed));
    world.fact(finished(upgraded));
    world.fact(finished(upgraded));
    assert_eq!(left(&world), []);
    world.assert_replay_is_equal();
}

#[test]
fn whoever_is_joined_to_a_room_that_replaces_another_takes_something_along() {
    let mut world = World::default();
    world.create("old", "alice");
    let create = json!({ "room_version": "11", "predecessor": { "room_id": "!old:h", "event_id": "$1" } });
    world.set("new", "alice", "m.room.create", "", create);
    let alices = world.member("new", "alice", "alice", "join");
    world.member("new", "alice", "bob", "invite");
    let bobs = world.member("new", "bob", "bob", "join");
    let carried = |name| Effect::CarryPushRules { room_id: room("new"), user_id: user(name) };
    assert_eq!(left(&world), [(alices, carried("alice")), (bobs, carried("bob"))]);
    world.redact("bob", bobs);
    world.member("new", "bob", "bob", "leave");
    assert_eq!(left(&world), [(alices, carried("alice"))], "what is redacted asks for nothing");
    world.fact(finished(alices));
    assert_eq!(left(&world), []);
    world.assert_replay_is_equal();
}
