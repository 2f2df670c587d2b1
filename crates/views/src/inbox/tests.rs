//! Given facts, what waits for a device, and that a delivered message leaves no trace.

use domain::user::{
    SessionClosed,
    to_device::{InboxAcknowledged, InboxMessage},
};
use proptest::prelude::*;
use ruma::device_id;
use serde_json::json;

use super::*;
use crate::fixture::{World, user};

fn send(world: &mut World, device: &str, marker: &str) -> u64 {
    let content = serde_json::from_value(json!({"marker": marker})).unwrap();
    let (user_id, sender, event_type) = (user("bob"), user("alice"), "m.room.encrypted".to_owned());
    world.fact(Fact::InboxMessage(InboxMessage { user_id, device_id: device.into(), sender, event_type, content }))
}

fn acknowledge(world: &mut World, device: &str, positions: Vec<u64>) {
    let (user_id, device_id) = (user("bob"), device.into());
    world.fact(Fact::InboxAcknowledged(InboxAcknowledged { user_id, device_id, positions }));
}

fn page(world: &World, between: (u64, u64), limit: usize) -> Page {
    inbox_page(&*world.rows(), &world.reader("bob"), device_id!("PHONE"), between, limit).unwrap()
}

fn waiting(world: &World, after: u64, up_to: u64) -> Vec<u64> {
    // One at a time, to learn where each is.
    let mut found = Vec::new();
    let mut at = after;
    loop {
        let page = page(world, (at, up_to), 1);
        if page.events.is_empty() {
            return found;
        }
        at = page.through;
        found.push(at);
    }
}

#[test]
fn a_page_is_what_lies_between_two_tokens() {
    let mut world = World::default();
    let first = send(&mut world, "PHONE", "1");
    send(&mut world, "TABLET", "2");
    let third = send(&mut world, "PHONE", "3");
    let last = send(&mut world, "PHONE", "4");
    assert_eq!(waiting(&world, 0, last), [first, third, last]);
    assert_eq!(waiting(&world, first, third), [third]);
    assert!(waiting(&world, last, u64::MAX).is_empty());
    let page = page(&world, (0, last), 1);
    let event: serde_json::Value = serde_json::from_str(page.events[0].json().get()).unwrap();
    assert_eq!(event, json!({"type": "m.room.encrypted", "sender": "@alice:h", "content": {"marker": "1"}}));
}

#[test]
fn what_a_token_shows_as_received_is_to_be_acknowledged() {
    let mut world = World::default();
    let first = send(&mut world, "PHONE", "1");
    let second = send(&mut world, "PHONE", "2");
    let to_acknowledge =
        |world: &World, up_to| delivered(&*world.rows(), &user("bob"), device_id!("PHONE"), up_to, 100).unwrap();
    assert!(to_acknowledge(&world, 0).is_empty());
    assert_eq!(to_acknowledge(&world, first), [first]);
    acknowledge(&mut world, "PHONE", vec![first]);
    assert!(to_acknowledge(&world, first).is_empty(), "nothing is written twice");
    assert_eq!(waiting(&world, 0, second), [second]);
    world.assert_replay_is_equal();
}

#[test]
fn a_device_that_is_logged_out_has_no_inbox() {
    let mut world = World::default();
    let last = send(&mut world, "PHONE", "1");
    world.fact(Fact::SessionClosed(SessionClosed { user_id: user("bob"), device_id: "PHONE".into() }));
    assert!(waiting(&world, 0, last).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn erased_messages_leave_no_trace(steps in prop::collection::vec((0_u8..3, 0_usize..6), 1..40)) {
        let mut world = World::default();
        let mut last = 0;
        for (what, limit) in steps {
            match what {
                0 => last = send(&mut world, "PHONE", "m"),
                1 => last = send(&mut world, "TABLET", "m"),
                _ => {
                    let positions = delivered(&*world.rows(), &user("bob"), device_id!("PHONE"), last, limit).unwrap();
                    acknowledge(&mut world, "PHONE", positions);
                }
            }
        }
        world.assert_replay_is_equal();
    }
}
