//! What addresses lead to, and what is counted, while media comes and goes.

use domain::{
    Fact,
    user::{
        TokenHash,
        media::{ErasedMedia, MediaErased, MediaUploaded},
    },
};
use serde_json::json;

use super::{MediaRow, is_mentioned, media, named, owned, total_bytes};
use crate::fixture::{World, user};

fn uploaded(who: &str, media_id: &str, digest: u8, size_bytes: u64) -> Fact {
    Fact::MediaUploaded(MediaUploaded {
        content_type: None,
        digest: TokenHash([digest; 32]),
        filename: None,
        media_id: media_id.to_owned(),
        size_bytes,
        user_id: user(who),
    })
}

fn erased(who: &str, media_id: &str, digest: u8, position: u64, used_bytes: u64) -> Fact {
    let media = vec![ErasedMedia { digest: TokenHash([digest; 32]), media_id: media_id.to_owned() }];
    Fact::MediaErased(MediaErased { media, positions: vec![position], used_bytes, user_id: user(who) })
}

#[test]
fn equal_bytes_are_named_until_the_last_address_is_gone() {
    let mut world = World::default();
    let first = world.fact(uploaded("alice", "a", 1, 10_000));
    let second = world.fact(uploaded("bob", "b", 1, 10_000));
    world.fact(uploaded("alice", "c", 2, 1));
    assert!(matches!(media(&*world.rows(), "a").unwrap(), Some(MediaRow::Uploaded { position, .. }) if position == first));
    assert_eq!(named(&*world.rows(), &[1; 32], 10).unwrap(), ["a", "b"]);
    assert_eq!(total_bytes(&*world.rows()).unwrap(), 24_096);
    assert_eq!(owned(&*world.rows(), &user("alice"), 10).unwrap(), ["a", "c"]);
    world.fact(erased("alice", "a", 1, first, 4_096));
    assert_eq!(media(&*world.rows(), "a").unwrap(), None);
    assert_eq!(named(&*world.rows(), &[1; 32], 10).unwrap(), ["b"]);
    assert_eq!(owned(&*world.rows(), &user("alice"), 10).unwrap(), ["c"]);
    assert_eq!(total_bytes(&*world.rows()).unwrap(), 14_096);
    world.fact(erased("bob", "b", 1, second, 0));
    assert!(named(&*world.rows(), &[1; 32], 10).unwrap().is_empty());
    assert_eq!(total_bytes(&*world.rows()).unwrap(), 4_096);
    // The payloads of the uploads are erased, and the rows are the same.
    world.assert_replay_is_equal();
}

#[test]
fn media_is_mentioned_until_the_last_event_that_names_it_is_gone() {
    let mut world = World::default();
    world.create("tea", "alice");
    let is_mentioned = |world: &World, media_id: &str| is_mentioned(&*world.rows(), media_id).unwrap();
    let picture = world.send(
        "tea",
        "alice",
        "m.room.message",
        json!({ "url": "mxc://h/AB1", "info": { "thumbnail_url": "mxc://h/SMALL" } }),
    );
    let html = json!({ "formatted_body": "<img src=\"mxc://h/AB1\">", "body": "mxc://elsewhere/X mxc://h/" });
    let again = world.send("tea", "bob", "m.room.message", html);
    assert!(is_mentioned(&world, "AB1") && is_mentioned(&world, "SMALL"));
    assert!(!is_mentioned(&world, "AB") && !is_mentioned(&world, "X") && !is_mentioned(&world, ""));
    world.redact("alice", picture);
    assert!(is_mentioned(&world, "AB1") && !is_mentioned(&world, "SMALL"));
    world.expire(again);
    assert!(!is_mentioned(&world, "AB1"));
    world.assert_replay_is_equal();
}
