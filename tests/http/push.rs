//! Pushes, to a gateway that listens here.

mod gateway;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server, until_nothing_is_missing};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use gateway::{Answer, Gateway};

/// Gateways on this machine are asked.
const TO_HERE: (&str, &str) = ("HEARTH_PUSH_ALLOW_PRIVATE_ADDRESSES", "true");
/// What a server under load may take for what it does by itself.
const SOON: Duration = Duration::from_secs(20);
/// As long as the server waits for a gateway, and then some.
const AFTER_A_TIMEOUT: Duration = Duration::from_secs(30);

/// Alice, bob and the room that they are in.
struct Pair {
    alice: Person,
    bob: Person,
    room: String,
}

impl Pair {
    async fn meet(server: &Server) -> Result<Self> {
        let (alice, bob) = (Person::sign_up(server, "alice").await?, Person::sign_up(server, "bob").await?);
        let room = alice.create_room(json!({"preset": "private_chat", "invite": [bob.user_id]})).await?;
        bob.demand(Method::POST, &format!("v3/join/{room}"), Some(json!({}))).await?;
        Ok(Self { alice, bob, room })
    }
}

/// Has bob's phone told by a gateway at `url`.
async fn set(person: &Person, url: &str, data: Value) -> Result<blackbox::Answer> {
    let mut pusher = json!({
        "app_display_name": "Test", "app_id": "org.example", "device_display_name": "Phone", "kind": "http", "lang": "en",
        "pushkey": "key", "data": data,
    });
    pusher["data"]["url"] = json!(url);
    person.ask(Method::POST, "v3/pushers/set", Some(pusher)).await
}

async fn read(person: &Person, room: &str, event: &str) -> Result<()> {
    person.demand(Method::POST, &format!("v3/rooms/{room}/receipt/m.read/{event}"), Some(json!({}))).await.map(drop)
}

#[tokio::test]
async fn a_client_that_sleeps_is_told_of_what_notifies_and_of_what_was_read() -> Result<()> {
    let server = Server::start(&[TO_HERE])?;
    let Pair { alice, bob, room } = Pair::meet(&server).await?;
    let mut gateway = Gateway::start().await?;
    let before = alice.send(&room, "before").await?;
    ensure!(set(&bob, &gateway.url(), json!({"brand": "Test"})).await?.status == 200);
    let first = alice.send(&room, "1").await?;
    let told = gateway.next(SOON).await?;
    let device = json!({"app_id": "org.example", "data": {"brand": "Test"}, "pushkey": "key"});
    let mut expected =
        json!({"counts": {"unread": 2}, "devices": [device], "event_id": first, "prio": "high", "room_id": room});
    expected["devices"][0]["pushkey_ts"] = told["devices"][0]["pushkey_ts"].clone();
    ensure!(told == expected, "of what is encrypted, ids and counts alone: {told}");
    ensure!(told["devices"][0]["pushkey_ts"].as_u64().is_some_and(|seconds| seconds > 1_700_000_000), "{told}");

    read(&bob, &room, &before).await?;
    let told = gateway.next(SOON).await?;
    ensure!(told["counts"]["unread"] == 1 && told.get("event_id").is_none(), "what was read comes off: {told}");
    read(&bob, &room, &first).await?;
    ensure!(gateway.next(SOON).await?["counts"]["unread"] == 0, "all is read");

    // What bob sends and what is muted is told nobody; what comes next is told, and nothing was before it.
    let quiet = alice.create_room(json!({"preset": "private_chat", "name": "Quiet", "invite": [bob.user_id]})).await?;
    let told = gateway.next(SOON).await?;
    let invitation = json!([quiet, "m.room.member", "invite", "Quiet", "alice", true]);
    let of = |told: &Value| {
        let content = &told["content"]["membership"];
        json!([
            told["room_id"],
            told["type"],
            content,
            told["room_name"],
            told["sender_display_name"],
            told["user_is_target"]
        ])
    };
    ensure!(of(&told) == invitation && told["devices"][0]["tweaks"]["sound"] == "default", "an invitation: {told}");
    bob.demand(Method::POST, &format!("v3/join/{quiet}"), Some(json!({}))).await?;
    let mute = json!({"actions": [], "conditions": [{"kind": "event_match", "key": "room_id", "pattern": quiet}]});
    bob.demand(Method::PUT, &format!("v3/pushrules/global/override/{quiet}"), Some(mute)).await?;
    bob.send(&room, "own").await?;
    alice.send(&quiet, "muted").await?;
    let last = alice.send(&room, "2").await?;
    let told = gateway.next(SOON).await?;
    ensure!(told["event_id"] == last.as_str() && told["counts"]["unread"] == 1, "{told}");
    Ok(())
}

#[tokio::test]
async fn a_gateway_that_fails_is_asked_again_until_it_takes_what_is_unread() -> Result<()> {
    let server = Server::start(&[TO_HERE])?;
    let Pair { alice, bob, room } = Pair::meet(&server).await?;
    let mut gateway = Gateway::start().await?;
    let data = json!({"format": "event_id_only"});
    ensure!(set(&bob, &gateway.url(), data).await?.status == 200);
    for (number, fault) in [
        Answer::Status(500),
        Answer::Status(404),
        Answer::RedirectTo(format!("{}?elsewhere", gateway.url())),
        Answer::Rubbish,
        Answer::TooLong,
        Answer::BreakOff,
    ]
    .into_iter()
    .enumerate()
    {
        gateway.answer(fault.clone());
        let sent = alice.send(&room, &format!("t{number}")).await?;
        let told = gateway.next(SOON).await?;
        ensure!(told["event_id"] == sent.as_str(), "{fault:?}: {told}");
        gateway.answer(Answer::Rejects(Vec::new()));
        let again = gateway.next(SOON).await?;
        ensure!(again == told, "{fault:?}: {again}");
        read(&bob, &room, &sent).await?;
        ensure!(gateway.next(SOON).await?["counts"]["unread"] == 0, "{fault:?}");
    }
    ensure!(!gateway.was_elsewhere(), "no redirect is followed");
    Ok(())
}

#[tokio::test]
async fn what_was_read_while_the_gateway_was_away_is_told_no_more() -> Result<()> {
    let server = Server::start(&[TO_HERE])?;
    let Pair { alice, bob, room } = Pair::meet(&server).await?;
    let gateway = Gateway::start().await?;
    ensure!(set(&bob, &gateway.url(), json!({})).await?.status == 200);
    let address = gateway.stop();
    let first = alice.send(&room, "1").await?;
    read(&bob, &room, &first).await?;
    let second = alice.send(&room, "2").await?;
    let mut gateway = Gateway::start_at(address).await?;
    let told = gateway.next(SOON).await?;
    ensure!(told["event_id"] == second.as_str() && told["counts"]["unread"] == 1, "{told}");

    // One that says nothing at all is given up, and asked again.
    gateway.answer(Answer::Hang);
    let third = alice.send(&room, "3").await?;
    ensure!(gateway.next(SOON).await?["event_id"] == third.as_str());
    gateway.answer(Answer::Rejects(Vec::new()));
    ensure!(gateway.next(AFTER_A_TIMEOUT).await?["event_id"] == third.as_str());

    // The application is gone from the phone: its gateway says so, and nothing is sent to it any more.
    gateway.answer(Answer::Rejects(vec!["key".to_owned()]));
    alice.send(&room, "4").await?;
    gateway.next(SOON).await?;
    until_nothing_is_missing(SOON, async || {
        let pushers = bob.demand(Method::GET, "v3/pushers", None).await?;
        Ok((pushers != json!({"pushers": []})).then(|| pushers.to_string()))
    })
    .await
}

#[tokio::test]
async fn what_was_not_told_is_told_after_a_crash_and_what_was_told_not_again_after_a_stop() -> Result<()> {
    let mut server = Server::start(&[TO_HERE])?;
    let Pair { alice, bob, room } = Pair::meet(&server).await?;
    let mut gateway = Gateway::start().await?;
    ensure!(set(&bob, &gateway.url(), json!({})).await?.status == 200);
    gateway.answer(Answer::Status(503));
    let first = alice.send(&room, "1").await?;
    ensure!(gateway.next(SOON).await?["event_id"] == first.as_str());
    server.kill()?;
    gateway.answer(Answer::Rejects(Vec::new()));
    gateway.forget();
    server.restart()?;
    ensure!(gateway.next(SOON).await?["event_id"] == first.as_str());
    server.hand_over()?;
    let alice = alice.at(&server);
    let second = alice.send(&room, "2").await?;
    let told = gateway.next(SOON).await?;
    ensure!(told["event_id"] == second.as_str() && told["counts"]["unread"] == 2, "nothing comes twice: {told}");
    Ok(())
}

#[tokio::test]
async fn nobody_has_the_server_ask_addresses_that_are_not_public() -> Result<()> {
    let server = Server::start(&[("HEARTH_LOG", "info,engine=debug")])?;
    let Pair { alice, bob, room } = Pair::meet(&server).await?;
    for url in ["http://push.example.org/_matrix/push/v1/notify", "https://push.example.org/other", "nothing"] {
        let refused = set(&bob, url, json!({})).await?;
        ensure!(refused.status == 400 && refused.code() == Some("M_INVALID_PARAM"), "{url}: {refused:?}");
    }
    let here = TcpListener::bind("127.0.0.1:0").await?;
    let port = here.local_addr()?.port();
    let set = set(&bob, &format!("https://localhost:{port}/_matrix/push/v1/notify"), json!({})).await?;
    ensure!(set.status == 200, "where it leads is seen when something is sent: {set:?}");
    alice.send(&room, "1").await?;
    until_nothing_is_missing(SOON, async || {
        Ok((!server.errors().contains("has no public address")).then(|| server.errors()))
    })
    .await?;
    let nobody = tokio::time::timeout(Duration::ZERO, here.accept()).await;
    ensure!(nobody.is_err(), "somebody was asked");
    Ok(())
}

#[tokio::test]
async fn what_is_said_over_https_is_said_to_nobody_else() -> Result<()> {
    let server = Server::start(&[TO_HERE, ("HEARTH_LOG", "info,engine=debug")])?;
    let Pair { alice, bob, room } = Pair::meet(&server).await?;
    let mut gateway = Gateway::start().await?;
    ensure!(set(&bob, &gateway.url().replace("http://", "https://"), json!({})).await?.status == 200);
    alice.send(&room, "1").await?;
    until_nothing_is_missing(SOON, async || {
        Ok((!server.errors().contains("cannot prove who it is")).then(|| server.errors()))
    })
    .await?;
    ensure!(!server.errors().contains(&bob.user_id), "the output names nobody");
    gateway.nothing_came().context("somebody who spoke no TLS was told")
}
