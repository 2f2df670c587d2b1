//! What strangers and slow clients can do with connections: those who have a connection or want one are served all the same.

mod wire;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use blackbox::{Person, Server, until_nothing_is_missing};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::monitoring::metrics_url;
use wire::{Wire, address};

/// Descriptors that the server may have.
const DESCRIPTORS: u32 = 256;
/// Addresses of the crowd, and the connections that each of them opens: twice as many as there are descriptors.
const CROWD: (u16, u16) = (8, 64);
/// A piece of account data, bytes. The views' storage writes a file out after some 80 of them.
const PIECE_BYTES: usize = 200 * 1024;
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// What strangers send and then say nothing more: nothing at all, half of the headers, headers without the body.
const SILENCES: [&str; 3] = [
    "",
    "GET /_matrix/client/versions HTTP/1.1\r\n",
    "POST /_matrix/client/v3/login HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n",
];

#[tokio::test]
async fn a_crowd_of_silent_connections_keeps_nobody_out() -> Result<()> {
    let server = Server::start_with_open_files(DESCRIPTORS)?;
    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(json!({ "preset": "private_chat" })).await?;
    let since = alice.demand(Method::GET, "v3/sync", None).await?["next_batch"].clone();
    let path = format!("v3/sync?timeout=600000&since={}", since.as_str().unwrap_or_default());
    let poller = alice.reconnected();
    let poll = tokio::spawn(async move { poller.demand(Method::GET, &path, None).await });

    let mut crowd = Vec::new();
    for n in 0..CROWD.0 * CROWD.1 {
        let mut wire = Wire::open(&server, 10 + u8::try_from(n % CROWD.0)?).await?;
        // Whoever is not let in notices it only now.
        let _refused = wire.send(SILENCES[usize::from(n) % SILENCES.len()]).await;
        crowd.push(wire);
    }
    ensure!(server.open_files()? < DESCRIPTORS as usize, "there are no descriptors left");

    let newcomer = Person::log_in(&server, "alice").await?;
    for n in 0..120 {
        // So many that the storages need files that they did not have. They replace each other, for an account may keep 10 MiB.
        let path = format!("v3/user/{}/account_data/piece.{}", alice.user_id, n % 10);
        newcomer.demand(Method::PUT, &path, Some(json!({ "n": n, "x": "y".repeat(PIECE_BYTES) }))).await?;
    }
    newcomer.send(&room, "1").await?;
    let polled = tokio::time::timeout(PATIENCE, poll).await???;
    ensure!(polled["next_batch"] != since, "the poll that waited meanwhile was told nothing");
    ensure!(server.errors().matches("connections are refused").count() <= 1, "{}", server.errors());
    drop(crowd);
    Ok(())
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_others_have_theirs() -> Result<()> {
    let server = Server::start(&[("HEARTH_MAX_CONNECTIONS_PER_ADDRESS", "4"), ("HEARTH_METRICS_LISTEN", "127.0.0.1:0")])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let since = alice.demand(Method::GET, "v3/sync", None).await?["next_batch"].clone();
    let since = since.as_str().unwrap_or_default();
    let poll = format!(
        "GET /_matrix/client/v3/sync?timeout=600000&since={since} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n",
        alice.token
    );
    let ask = "GET /_matrix/client/versions HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut polls = Vec::new();
    until_nothing_is_missing(PATIENCE, async || {
        // A connection whose poll has not been read yet makes room for the fifth one; then it is begun anew.
        polls.clear();
        for _ in 0..4 {
            let mut wire = Wire::open(&server, 10).await?;
            wire.send(&poll).await?;
            polls.push(wire);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let is_refused = Wire::open(&server, 10).await?.is_closed_within(Duration::from_millis(200)).await;
        Ok((!is_refused).then(|| "a fifth connection of one address is let in".to_owned()))
    })
    .await?;
    let mut other = Wire::open(&server, 11).await?;
    other.send(ask).await?;
    other.read_until("versions").await?;
    ensure!(!polls[0].is_closed_within(Duration::from_millis(100)).await, "a poll was ended for somebody else");
    let metrics = Client::new().get(crate::monitoring::metrics_url(&server)?).send().await?.text().await?;
    ensure!(metrics.contains("\nhearth_connections "), "{metrics}");
    ensure!(!metrics.contains("hearth_connections_refused_total 0\n"), "{metrics}");
    // A place that was given back is there for the next.
    polls.pop();
    until_nothing_is_missing(PATIENCE, async || {
        let mut wire = Wire::open(&server, 10).await?;
        let _refused = wire.send(ask).await;
        Ok(wire.read_until("versions").await.err().map(|error| format!("{error:#}")))
    })
    .await
}

#[tokio::test]
async fn requests_that_do_not_come_to_their_end_are_ended() -> Result<()> {
    let server = Server::start(&[("HEARTH_IDLE_TIMEOUT_S", "1")])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let mut wires = Vec::new();
    for path in [
        "/_matrix/client/v3/login",
        "/_matrix/client/v3/createRoom",
        "/_matrix/media/v3/upload",
        "/_matrix/client/v3/nothing",
        "/_hearth/log/checkpoint",
        "/",
    ] {
        for token in ["", alice.token.as_str()] {
            for length in ["content-length: 10", "transfer-encoding: chunked"] {
                let mut wire = Wire::open(&server, 10).await?;
                let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{length}\r\n\r\n");
                wire.send(&head).await?;
                wires.push((format!("POST {path} {length}"), wire));
            }
        }
    }
    for silence in SILENCES {
        let mut wire = Wire::open(&server, 10).await?;
        wire.send(silence).await?;
        wires.push((format!("{silence:?}"), wire));
    }
    for (what, mut wire) in wires {
        ensure!(wire.is_closed_within(PATIENCE).await, "{what} is still open");
    }
    // What waits for news is no pause.
    let since = alice.demand(Method::GET, "v3/sync", None).await?["next_batch"].clone();
    let path = format!("v3/sync?timeout=3000&since={}", since.as_str().unwrap_or_default());
    alice.demand(Method::GET, &path, None).await?;
    Ok(())
}

#[tokio::test]
async fn an_answer_of_which_nothing_is_taken_is_ended() -> Result<()> {
    const BYTES: usize = 24 << 20;
    let server = Server::start(&[("HEARTH_IDLE_TIMEOUT_S", "1"), ("HEARTH_METRICS_LISTEN", "127.0.0.1:0")])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let upload = Client::new().post(format!("{}/_matrix/media/v3/upload", server.url)).bearer_auth(&alice.token);
    let answer: Value = upload.body(vec![7; BYTES]).send().await?.error_for_status()?.json().await?;
    let media = answer["content_uri"].as_str().and_then(|uri| uri.strip_prefix("mxc://")).unwrap_or_default();
    let path = format!("/_matrix/client/v1/media/download/{media}");
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", alice.token);

    let mut patient = Wire::open(&server, 11).await?;
    patient.send(&request).await?;
    ensure!(patient.read_until("HTTP/1.1 200").await? >= 12);
    let mut taken = 0;
    // Slower than the deadline in all, and never so slow that nothing is taken.
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        taken += patient.read_some(2 << 20).await?;
    }
    taken += patient.read_to_end(BYTES - taken).await?;
    ensure!(taken + 4_096 > BYTES, "{taken} of {BYTES} bytes were given to a slow reader");

    drop(patient);
    until_nobody_is_connected(&server).await?;
    let mut wire = Wire::open(&server, 10).await?;
    wire.send(&request).await?;
    wire.read_until("HTTP/1.1 200").await?;
    until_nobody_is_connected(&server).await?;
    let taken = wire.read_to_end(BYTES).await.unwrap_or_default();
    ensure!(taken < BYTES, "all of it was given out");
    Ok(())
}

/// Waits until the server has no connection but those of whoever reads its metrics.
async fn until_nobody_is_connected(server: &Server) -> Result<()> {
    until_nothing_is_missing(PATIENCE, async || {
        let metrics = reqwest::get(metrics_url(server)?).await?.text().await?;
        let open = metrics.lines().find(|line| line.starts_with("hearth_connections ")).context("no connections")?;
        Ok((open != "hearth_connections 0").then(|| open.to_owned()))
    })
    .await
}

/// What an attempt to log in is answered. Each is for another account, so that only addresses are counted.
async fn attempt(server: &Server, peer: u8, forwarded_for: &str, name: u32) -> Result<StatusCode> {
    let body = json!({
        "type": "m.login.password",
        "identifier": { "type": "m.id.user", "user": format!("nobody{name}") },
        "password": "wrong",
    });
    let client = Client::builder().local_address(address(peer)).build()?;
    let request = client.post(format!("{}/_matrix/client/v3/login", server.url)).json(&body);
    Ok(request.header("x-forwarded-for", forwarded_for).send().await?.status())
}

#[tokio::test]
async fn behind_a_trusted_proxy_everybody_has_a_budget_of_their_own() -> Result<()> {
    let settings =
        [("HEARTH_TRUSTED_PROXIES", "127.0.0.1"), ("HEARTH_RATE_LIMITS", "on"), ("HEARTH_LOGINS_PER_MINUTE", "3")];
    let server = Server::start(&settings)?;
    let (proxy, stranger) = (1, 10);
    let mut name = 0;
    let mut ask = async |peer, forwarded_for: &str| {
        name += 1;
        attempt(&server, peer, forwarded_for, name).await
    };
    let late = StatusCode::TOO_MANY_REQUESTS;
    for n in 0..3 {
        // What a client wrote itself stands on the left, another one each time.
        let status = ask(proxy, &format!("203.0.113.{n}, 198.51.100.1")).await?;
        ensure!(status == StatusCode::FORBIDDEN, "attempt {n}: {status}");
    }
    ensure!(ask(proxy, "203.0.113.9, 198.51.100.1").await? == late, "a forged address has a budget of its own");
    ensure!(ask(proxy, "198.51.100.1, 127.0.0.1").await? == late, "a second proxy is taken for the client");
    ensure!(ask(proxy, "198.51.100.2").await? == StatusCode::FORBIDDEN, "two people share a budget");
    // An IPv6 subscriber has all addresses of a /64.
    for n in 0..3 {
        ensure!(ask(proxy, &format!("2001:db8::{n}")).await? == StatusCode::FORBIDDEN);
    }
    ensure!(ask(proxy, "2001:db8::ffff").await? == late, "each address of a /64 has a budget");
    ensure!(ask(proxy, "2001:db8:0:1::1").await? == StatusCode::FORBIDDEN);
    // Somebody who is no proxy is not believed.
    for n in 0..3 {
        ensure!(ask(stranger, &format!("198.51.100.{}", 100 + n)).await? == StatusCode::FORBIDDEN);
    }
    ensure!(ask(stranger, "198.51.100.200").await? == late, "a stranger is believed");
    Ok(())
}
