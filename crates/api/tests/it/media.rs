//! Media bytes and the facts about them: neither is ever there without the other for longer than a moment.

use std::{io, time::Duration};

use axum::body::Body;
use domain::user::{Deactivate, SetProfileField};
use futures_util::stream;
use serde_json::{Value, json};
use testkit::Blow;
use views::outbox::pending;

use crate::http::Server;

const UPLOAD: &str = "/_matrix/media/v3/upload";

async fn upload(server: &Server, who: &str, bytes: &str) -> String {
    let answer = server.ask(who, "POST", &format!("{UPLOAD}?filename=secret.txt"), Body::from(bytes.to_owned())).await.ok();
    answer["content_uri"].as_str().unwrap().trim_start_matches("mxc://").to_owned()
}

async fn status(server: &Server, address: &str) -> u16 {
    server.raw("bob", &format!("/_matrix/client/v1/media/download/{address}")).await.0
}

#[tokio::test]
async fn an_upload_that_is_refused_or_broken_off_leaves_nothing() {
    let mut server = Server::with(&["alice", "bob"]).await;
    server.set(api::ApiSettings { upload_bytes_max: 1_000, ..api::ApiSettings::default() });
    let pieces = |count: usize, breaks: bool| {
        let piece = move |n| if n == count { Err(io::Error::other("gone")) } else { Ok(vec![7_u8; 300]) };
        Body::from_stream(stream::iter((0..count + usize::from(breaks)).map(piece)))
    };
    let (long, unknown) = (format!("{UPLOAD}?filename={}", "n".repeat(513)), format!("{UPLOAD}/h/unknown"));
    for (method, path, body, expected) in [
        ("POST", UPLOAD, pieces(4, false), (413, "M_TOO_LARGE")),
        ("POST", UPLOAD, Body::from(vec![7; 1_001]), (413, "M_TOO_LARGE")),
        ("POST", UPLOAD, pieces(2, true), (408, "M_UNKNOWN")),
        ("POST", &long, pieces(1, false), (400, "M_INVALID_PARAM")),
        ("PUT", &unknown, pieces(1, false), (404, "M_NOT_FOUND")),
    ] {
        let answer = server.ask("alice", method, path, body).await;
        assert_eq!((answer.status, answer.errcode()), expected, "{path}: {}", answer.body);
        assert_eq!(server.node.blobs.count(), 0, "{path}");
    }
    server.ask("alice", "POST", UPLOAD, pieces(3, false)).await.ok();
    assert_eq!(server.node.blobs.count(), 1);
}

#[tokio::test]
async fn a_failed_append_leaves_no_address() {
    let server = Server::with(&["alice", "bob"]).await;
    server.node.backend.strike_after(0, Blow::Lost);
    let answer = server.ask("alice", "POST", UPLOAD, Body::from("bytes")).await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    // Whether the log has it, only the log knows: a sweep tells.
    let engine = server.node.engine().unwrap();
    assert_eq!(engine.sweep_media(Duration::ZERO).await.unwrap(), 1);
    assert_eq!(server.node.blobs.count(), 0);
}

#[tokio::test]
async fn media_goes_with_an_erased_account_whenever_the_power_goes() {
    for (appends, blow) in [(0, Blow::Lost), (0, Blow::Unanswered), (1, Blow::Torn(9)), (2, Blow::Lost)] {
        let mut server = Server::with(&["alice", "bob"]).await;
        let own = upload(&server, "alice", "own").await;
        let shared = upload(&server, "alice", "shared").await;
        let again = upload(&server, "alice", "shared").await;
        let same = upload(&server, "bob", "shared").await;
        let engine = server.node.engine().unwrap();
        engine.submit(Deactivate { user_id: "@alice:h".try_into().unwrap(), erase: true }).await.unwrap();
        server.node.backend.strike_after(appends, blow);
        let _cut_off = engine.carry_out_effects().await;
        server.crash();
        let engine = server.node.engine().unwrap();
        engine.carry_out_effects().await.unwrap();
        assert_eq!(pending(&*engine.rows(), 0, 10).unwrap(), []);
        for (address, expected) in [(&own, 404), (&shared, 404), (&again, 404), (&same, 200)] {
            assert_eq!(status(&server, address).await, expected, "{address} after {appends} appends");
        }
        assert_eq!(server.node.blobs.count(), 1);
        assert_eq!(server.node.replay_difference().unwrap(), None);
        let names = server.node.payloads(1_000).unwrap().iter().filter(|payload| payload.contains("secret.txt")).count();
        assert_eq!(names, 1, "what alice called hers is erased from the log");
        assert_eq!(server.node.check_snapshots().unwrap().different, Vec::<String>::new());
    }
}

#[tokio::test]
async fn media_stays_with_an_account_that_is_closed_and_not_erased() {
    let server = Server::with(&["alice", "bob"]).await;
    let address = upload(&server, "alice", "bytes").await;
    let engine = server.node.engine().unwrap();
    engine.submit(Deactivate { user_id: "@alice:h".try_into().unwrap(), erase: false }).await.unwrap();
    engine.carry_out_effects().await.unwrap();
    assert_eq!(status(&server, &address).await, 200);
}

#[tokio::test]
async fn a_sweep_takes_what_nothing_names() {
    let mut server = Server::with(&["alice", "bob"]).await;
    let address = upload(&server, "alice", "named").await;
    server.node.blobs.leave(b"a crash was between bytes and fact");
    assert_eq!(server.node.engine().unwrap().sweep_media(Duration::ZERO).await.unwrap(), 1);
    assert_eq!(status(&server, &address).await, 200);
    // A record that this version does not read may name anything.
    server.node.blobs.leave(b"perhaps named");
    server.append_raw(&[("user:@alice:h", "media.uploaded", r#"{"unknown":1}"#)]);
    assert!(server.node.engine().unwrap().sweep_media(Duration::ZERO).await.is_err());
    assert_eq!(server.node.blobs.count(), 2);
}

/// An older server said that the account was erased and kept its media.
#[tokio::test]
async fn a_sweep_erases_what_an_erased_account_has_left() {
    let server = Server::with(&["alice", "bob"]).await;
    let (alices, bobs) = (upload(&server, "alice", "alice's").await, upload(&server, "bob", "bob's").await);
    let engine = server.node.engine().unwrap();
    for (name, erase) in [("alice", true), ("bob", false)] {
        engine.submit(Deactivate { user_id: format!("@{name}:h").try_into().unwrap(), erase }).await.unwrap();
    }
    engine.sweep_media(Duration::ZERO).await.unwrap();
    let found = [&alices, &bobs].map(|address| {
        let id = address.trim_start_matches("h/");
        views::media::media(&*engine.rows(), id).unwrap().is_some()
    });
    assert_eq!(found, [false, true]);
    assert_eq!(server.node.blobs.count(), 1);
    assert_eq!(server.node.replay_difference().unwrap(), None);
}

/// A sweep between the bytes and their fact would find them named by nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_never_comes_between_bytes_and_their_fact() {
    let server = Server::with(&["alice", "bob"]).await;
    let engine = server.node.engine().unwrap();
    for n in 0..100 {
        let bytes = format!("upload {n}");
        let (address, swept) = tokio::join!(upload(&server, "alice", &bytes), engine.sweep_media(Duration::ZERO));
        assert_eq!(swept.unwrap(), 0);
        assert_eq!(status(&server, &address).await, 200, "{n}");
    }
}

#[tokio::test]
async fn thumbnails_are_of_pictures_that_are_there() {
    let server = Server::with(&["alice", "bob"]).await;
    let address = upload(&server, "alice", "no picture").await;
    for (path, expected) in [
        (format!("thumbnail/{address}?width=9&height=9"), (400, "M_UNKNOWN")),
        (format!("thumbnail/{address}?width=0&height=9"), (400, "M_INVALID_PARAM")),
        ("thumbnail/h/unknown?width=9&height=9".to_owned(), (404, "M_NOT_FOUND")),
    ] {
        let answer = server.call("bob", "GET", &format!("v1/media/{path}"), Value::Null).await;
        assert_eq!((answer.status, answer.errcode()), expected, "{path}");
    }
    assert_eq!(server.get("bob", "v1/media/config").await, json!({ "m.upload.size": 50 << 20 }));
}

/// Rooms here are encrypted; what stands beside the ciphertext is in clear all the same.
#[tokio::test]
async fn media_goes_with_the_last_message_in_clear_that_names_it() {
    let mut server = Server::with(&["alice", "bob"]).await;
    let room = server.room("alice", json!({ "preset": "trusted_private_chat", "invite": ["@bob:h"] })).await;
    server.post("bob", &format!("v3/rooms/{room}/join"), json!({})).await;
    let mut said = Vec::new();
    for n in 0..4 {
        said.push(upload(&server, "alice", &format!("picture {n}")).await);
    }
    let [once, twice, avatar, bobs] = &said[..] else { panic!("four") };
    let mxc = |address: &str| json!({ "url": format!("mxc://{address}") });
    let set = SetProfileField {
        user_id: "@alice:h".try_into().unwrap(),
        field: "avatar_url".to_owned(),
        value: Some(mxc(avatar)["url"].clone()),
    };
    server.node.engine().unwrap().submit(set).await.unwrap();
    let mut events = Vec::new();
    for (n, (who, address)) in
        [("alice", once), ("alice", twice), ("alice", twice), ("alice", avatar), ("bob", bobs)].into_iter().enumerate()
    {
        events.push((who, server.send(who, &room, &format!("t{n}"), mxc(address)).await));
    }
    let redact = async |server: &Server, n: usize| {
        let (who, event) = &events[n];
        server.put(who, &format!("v3/rooms/{room}/redact/{event}/r{n}"), json!({})).await;
    };
    for (n, address, expected) in [(1, twice, 200), (2, twice, 404), (3, avatar, 200), (4, bobs, 200)] {
        redact(&server, n).await;
        assert_eq!(status(&server, address).await, expected, "after event {n} was redacted");
    }
    // Cut off before it is carried out.
    let (who, event) = &events[0];
    let path = format!("/_matrix/client/v3/rooms/{room}/redact/{event}/r0");
    server.ask(who, "PUT", &path, Body::from("{}")).await.ok();
    server.crash();
    server.node.engine().unwrap().carry_out_effects().await.unwrap();
    assert_eq!(status(&server, once).await, 404);
    assert_eq!(server.node.blobs.count(), 2);
    assert_eq!(server.node.replay_difference().unwrap(), None);
}

#[tokio::test]
async fn equal_files_that_one_message_names_go_together() {
    let server = Server::with(&["alice", "bob"]).await;
    let room = server.room("alice", json!({ "preset": "private_chat" })).await;
    let (picture, small) = (upload(&server, "alice", "dot").await, upload(&server, "alice", "dot").await);
    let more = json!({ "url": format!("mxc://{picture}"), "info": { "thumbnail_url": format!("mxc://{small}") } });
    let event = server.send("alice", &room, "t", more).await;
    assert_eq!(server.node.blobs.count(), 1);
    server.put("alice", &format!("v3/rooms/{room}/redact/{event}/r"), json!({})).await;
    assert_eq!([status(&server, &picture).await, status(&server, &small).await], [404, 404]);
    assert_eq!(server.node.blobs.count(), 0);
}
