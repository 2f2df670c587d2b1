//! What the server must not keep: a marker that a client sends where it may not stand in clear, a password, a token, a
//! message to a device that was delivered. Looked for in every file of the data folder, the export and the output.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use blackbox::{PASSWORD, Person, Server};
use reqwest::Method;
use serde_json::json;

const MARKER: &str = "marker-7f3a9c51-plain";

/// Events that carry what people say or do; in clear they are refused.
const REFUSED: [&str; 6] =
    ["m.room.message", "m.sticker", "m.call.invite", "m.call.candidates", "org.example.custom", "m.poll.start"];

#[tokio::test]
async fn plain_messages_are_refused_and_leave_no_trace() -> Result<()> {
    let mut server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(json!({"preset": "private_chat"})).await?;
    for event_type in REFUSED {
        let path = format!("v3/rooms/{room}/send/{event_type}/{event_type}");
        let body = json!({"msgtype": "m.text", "body": MARKER, "call_id": MARKER});
        let answer = alice.ask(Method::PUT, &path, Some(body)).await?;
        ensure!((answer.status, answer.code()) == (403, Some("M_FORBIDDEN")), "{event_type}: {answer:?}");
        ensure!(answer.json["error"].as_str().is_some_and(|error| error.contains("encrypt")), "no reason: {answer:?}");
    }
    alice.send(&room, "1").await?;
    check_absent(&mut server, &[MARKER])
}

#[tokio::test]
async fn passwords_and_tokens_are_kept_as_hashes_only() -> Result<()> {
    let mut server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let again = Person::log_in(&server, "alice").await?;
    alice.demand(Method::GET, "v3/account/whoami", None).await?;
    // A token in the address, as old clients send it, and one that is wrong: neither is taken.
    let url = format!("{}/_matrix/client/v3/account/whoami?access_token={}", server.url, again.token);
    ensure!(reqwest::get(url).await?.status() == 401);
    let wrong = format!("{}/_matrix/client/v3/account/whoami?access_token={MARKER}", server.url);
    ensure!(reqwest::get(wrong).await?.status() == 401);
    check_absent(&mut server, &[PASSWORD, &alice.token, &again.token, MARKER])
}

#[tokio::test]
async fn a_delivered_message_to_a_device_is_gone_from_the_log() -> Result<()> {
    let server = Server::start(&[])?;
    let (alice, bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
    let body = json!({"messages": {&bob.user_id: {"*": {"ciphertext": MARKER}}}});
    alice.demand(Method::PUT, "v3/sendToDevice/m.room.encrypted/1", Some(body)).await?;
    ensure!(server.command(&["log", "export"])?.contains(MARKER), "the message waits in the log");

    let first = bob.demand(Method::GET, "v3/sync?timeout=0", None).await?;
    let received = first["to_device"]["events"][0]["content"]["ciphertext"].as_str();
    ensure!(received == Some(MARKER), "{first}");
    // Asked again without the token, the server must assume that its answer was lost.
    let again = bob.demand(Method::GET, "v3/sync?timeout=0", None).await?;
    ensure!(again["to_device"] == first["to_device"], "{again}");
    let since = first["next_batch"].as_str().context("a token")?;
    let next = bob.demand(Method::GET, &format!("v3/sync?timeout=0&since={since}"), None).await?;
    ensure!(next["to_device"]["events"].as_array().is_none_or(Vec::is_empty), "{next}");

    ensure!(!server.command(&["log", "export"])?.contains(MARKER), "the delivered message is still in the log");
    server.command(&["log", "verify"])?;
    Ok(())
}

/// None of `markers` is in a file of the data folder, in an export with credentials, or in the output.
fn check_absent(server: &mut Server, markers: &[&str]) -> Result<()> {
    let export = server.command(&["log", "export", "--with-credentials"])?;
    server.kill()?;
    for marker in markers {
        ensure!(!export.contains(marker), "{marker} is in the export");
        ensure!(!server.errors().contains(marker), "{marker} is in the output");
        search(&server.data(), marker)?;
    }
    Ok(())
}

fn search(folder: &Path, marker: &str) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            search(&path, marker)?;
            continue;
        }
        // The operator's socket holds nothing.
        if !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path)?;
        let is_there = bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
        ensure!(!is_there, "{marker} is in {}", path.display());
    }
    Ok(())
}
