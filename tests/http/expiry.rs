//! Messages that are there for a time, on the real binary: who may say so, that an expired one is nowhere, and that its
//! content leaves the log, the export and the disk.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use blackbox::{Answer, Person, Server};
use rand::RngExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// The server looks every second, and purges two seconds after a start; a busy machine may take longer.
const GONE_WITHIN: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);

struct Scene {
    alice: Person,
    bob: Person,
    room: String,
}

impl Scene {
    async fn set(server: &Server) -> Result<Self> {
        let (alice, bob) = (Person::sign_up(server, "alice").await?, Person::sign_up(server, "bob").await?);
        let room = alice.create_room(json!({"preset": "private_chat", "invite": [bob.user_id]})).await?;
        bob.demand(Method::POST, &format!("v3/rooms/{room}/join"), Some(json!({}))).await?;
        Ok(Self { alice, bob, room })
    }

    async fn expire(&self, who: &Person, event_id: &str, body: Value) -> Result<Answer> {
        let path = format!("unstable/org.hearth.expiry/rooms/{}/event/{event_id}", self.room);
        who.ask(Method::PUT, &path, Some(body)).await
    }

    async fn send(&self, content: Value) -> Result<String> {
        let path = format!("v3/rooms/{}/send/m.room.encrypted/{}", self.room, rand::random::<u64>());
        let answer = self.alice.demand(Method::PUT, &path, Some(content)).await?;
        answer["event_id"].as_str().map(str::to_owned).context("an event id")
    }

    /// The places where Bob finds the event.
    async fn places(&self, event_id: &str, near: &str) -> Result<Vec<&'static str>> {
        let room = &self.room;
        let mut places = Vec::new();
        for (place, path) in [
            ("event", format!("v3/rooms/{room}/event/{event_id}")),
            ("context of it", format!("v3/rooms/{room}/context/{event_id}")),
            ("context", format!("v3/rooms/{room}/context/{near}?limit=100")),
            ("messages", format!("v3/rooms/{room}/messages?dir=b&limit=100")),
            ("relations", format!("v1/rooms/{room}/relations/{near}")),
            ("sync", "v3/sync?timeout=0".to_owned()),
        ] {
            let answer = self.bob.ask(Method::GET, &path, None).await?;
            if answer.status == 200 {
                if answer.json.to_string().contains(event_id) {
                    places.push(place);
                }
            } else {
                ensure!(answer.status == 404 && answer.code() == Some("M_NOT_FOUND"), "{place}: {answer:?}");
            }
        }
        let window = json!({"lists": {"all": {"ranges": [[0, 9]], "required_state": [], "timeline_limit": 50}}});
        let path = "unstable/org.matrix.simplified_msc3575/sync?timeout=0";
        let sliding = self.bob.demand(Method::POST, path, Some(window)).await?;
        if sliding.to_string().contains(event_id) {
            places.push("sliding sync");
        }
        Ok(places)
    }

    /// How many messages Bob has not read.
    async fn unread(&self) -> Result<u64> {
        let sync = self.bob.demand(Method::GET, "v3/sync?timeout=0", None).await?;
        let count = &sync["rooms"]["join"][&self.room]["unread_notifications"]["notification_count"];
        count.as_u64().with_context(|| format!("no count in {sync}"))
    }
}

/// Content that no compression changes.
fn marker() -> String {
    let mut random = rand::rng();
    (0..48)
        .map(|_| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[random.random_range(0..62)]))
        .collect()
}

#[tokio::test]
async fn the_server_says_that_it_knows_expiry_and_who_may_say_when() -> Result<()> {
    let server = Server::start(&[])?;
    let scene = Scene::set(&server).await?;
    let Scene { alice, bob, room } = &scene;
    let versions = alice.demand(Method::GET, "versions", None).await?;
    ensure!(versions["unstable_features"]["org.hearth.expiry"] == true, "{versions}");
    let stranger = Person::sign_up(&server, "carol").await?;
    let event = alice.send(room, "1").await?;
    let state =
        alice.demand(Method::PUT, &format!("v3/rooms/{room}/state/m.room.topic"), Some(json!({"topic": "x"}))).await?;
    let state = state["event_id"].as_str().context("an event id")?;
    let in_a_minute = json!({"expires_after_ms": 60_000});
    for (who, event, body, expected) in [
        (bob, event.as_str(), in_a_minute.clone(), 403),
        (&stranger, &event, in_a_minute.clone(), 404),
        (alice, "$unknown", in_a_minute.clone(), 404),
        (alice, state, in_a_minute.clone(), 403),
        (alice, &event, json!({}), 400),
        (alice, &event, json!({"expires_after_ms": -1}), 400),
        (alice, &event, json!({"expires_after_ms": 86_400_001}), 400),
        (alice, &event, in_a_minute.clone(), 200),
    ] {
        let answer = scene.expire(who, event, body.clone()).await?;
        ensure!(answer.status == expected, "{} {event} {body}: {answer:?}", who.user_id);
    }
    let moment = |answer: &Answer| answer.json["expires_at_ms"].as_u64().context("a moment");
    let first = moment(&scene.expire(alice, &event, json!({"expires_after_ms": 70_000})).await?)?;
    let again = moment(&scene.expire(alice, &event, json!({"expires_after_ms": 80_000})).await?)?;
    ensure!(first == again, "a later moment does not count");
    let records = server.records()?;
    scene.expire(alice, &event, json!({"expires_after_ms": 90_000})).await?;
    ensure!(server.records()? == records, "it wrote something again");
    ensure!(moment(&scene.expire(alice, &event, json!({"expires_after_ms": 30_000})).await?)? < first);
    Ok(())
}

#[tokio::test]
async fn an_expired_message_is_nowhere_and_the_log_still_verifies() -> Result<()> {
    let mut server = Server::start(&[])?;
    let scene = Scene::set(&server).await?;
    let near = scene.send(json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "stays"})).await?;
    let relation = json!({"rel_type": "m.reference", "event_id": near});
    let (now, soon, away) = (marker(), marker(), marker());
    let mut events = Vec::new();
    for ciphertext in [&now, &soon, &away] {
        let content = json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": ciphertext, "m.relates_to": relation});
        events.push(scene.send(content).await?);
    }
    ensure!(scene.places(&events[0], &near).await?.len() == 7, "{:?}", scene.places(&events[0], &near).await?);
    ensure!(scene.unread().await? == 4);
    scene.expire(&scene.alice, &events[1], json!({"expires_after_ms": 1_500})).await?;
    scene.expire(&scene.alice, &events[2], json!({"expires_after_ms": 2_500})).await?;
    let answer = scene.expire(&scene.alice, &events[0], json!({"expires_after_ms": 0})).await?;
    ensure!(answer.status == 200, "{answer:?}");
    // What is read after the moment does not have it, however soon that is.
    ensure!(scene.places(&events[0], &near).await?.is_empty(), "{:?}", scene.places(&events[0], &near).await?);
    sleep(Duration::from_millis(1_500)).await;
    ensure!(scene.places(&events[1], &near).await?.is_empty());

    // The third moment passes while the server is down.
    server.kill()?;
    sleep(Duration::from_millis(1_500)).await;
    server.restart()?;
    let scene = Scene { alice: scene.alice.reconnected(), bob: scene.bob.reconnected(), room: scene.room };
    ensure!(scene.places(&events[2], &near).await?.is_empty());
    ensure!(scene.unread().await? == 1, "what has expired is not unread");
    // The room goes on behind what was its newest message.
    let next = scene.send(json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "goes on"})).await?;
    ensure!(scene.places(&next, &near).await?.contains(&"messages"));

    let export = server.command(&["log", "export"])?;
    ensure!(export.contains("\"missing\":\"erased\"") && export.contains("room.expired"));
    for marker in [&now, &soon, &away] {
        ensure!(!export.contains(marker.as_str()), "{marker} is in the export");
        gone_from(&server.data(), marker).await?;
    }
    server.command(&["log", "verify"])?;
    server.kill()?;
    server.command(&["log", "replay", "--check"])?;
    Ok(())
}

/// Waits until no file has the marker: the server purges soon after a start.
async fn gone_from(folder: &Path, marker: &str) -> Result<()> {
    let until = Instant::now() + GONE_WITHIN;
    loop {
        match holder_of(folder, marker)? {
            None => return Ok(()),
            Some(file) => ensure!(Instant::now() < until, "{marker} is still in {file}"),
        }
        sleep(PAUSE).await;
    }
}

fn holder_of(folder: &Path, marker: &str) -> Result<Option<String>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = holder_of(&path, marker)? {
                return Ok(Some(found));
            }
            continue;
        }
        // The running server may take a file away between the listing and the reading.
        let bytes = fs::read(&path).unwrap_or_default();
        if bytes.windows(marker.len()).any(|window| window == marker.as_bytes()) {
            return Ok(Some(path.display().to_string()));
        }
    }
    Ok(None)
}
