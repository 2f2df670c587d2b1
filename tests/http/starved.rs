//! A server whose storages are refused what they need by the operating system, descriptors or longer files: afterwards it goes
//! on by itself.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server, until_nothing_is_missing};
use reqwest::Method;
use serde_json::json;
use tokio::time::timeout;

/// Descriptors that the server may have.
const DESCRIPTORS: u32 = 200;
/// A piece of account data, bytes. The views' storage writes a file out after some 80 of them.
const PIECE_BYTES: usize = 200 * 1024;
/// Pieces written while there are no descriptors left, at most.
const PIECES_MAX: usize = 250;
/// Refused writes after which it is certain that something has failed.
const ENOUGH_REFUSED: usize = 5;
/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// Messages sent while files may not grow.
const MESSAGES: usize = 20;
/// How long it may take to come back.
const BACK_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_lack_of_descriptors_passes_without_a_restart() -> Result<()> {
    let mut server = Server::start_with_open_files(DESCRIPTORS)?;
    let alice = Person::sign_up(&server, "alice").await?;
    let path = |n: usize| format!("v3/user/{}/account_data/piece.{n}", alice.user_id);
    let piece = |n: usize| json!({ "n": n, "x": "y".repeat(PIECE_BYTES) });
    // The connection that alice writes on is there before.
    alice.demand(Method::PUT, &path(0), Some(piece(0))).await?;
    server.limit_open_files(server.open_files()?)?;
    let (mut acknowledged, mut refused) = (vec![0], 0);
    for n in 1..PIECES_MAX {
        // A piece that the views cannot take waits for them, longer than this client does.
        match timeout(PATIENCE, alice.ask(Method::PUT, &path(n), Some(piece(n)))).await {
            Ok(Ok(answer)) if answer.status == 200 => acknowledged.push(n),
            _ => refused += 1,
        }
        if refused >= ENOUGH_REFUSED {
            break;
        }
    }
    ensure!(refused > 0, "nothing was refused");
    server.limit_open_files(DESCRIPTORS as usize)?;

    let alice = alice.reconnected();
    let mut n = PIECES_MAX;
    until_nothing_is_missing(BACK_WITHIN, async || {
        n += 1;
        let answer = alice.ask(Method::PUT, &path(n), Some(json!({ "n": n }))).await;
        let is_back = answer.as_ref().is_ok_and(|answer| answer.status == 200);
        Ok((!is_back).then(|| format!("writes are refused, though the descriptors came back: {answer:?}")))
    })
    .await?;
    acknowledged.push(n);
    for n in acknowledged {
        let data = alice.demand(Method::GET, &path(n), None).await?;
        ensure!(data["n"] == n, "piece {n} was acknowledged and is {}", data["n"]);
    }
    server.stop()?;
    server.command(&["log", "verify"])?;
    server.command(&["log", "replay", "--check"])?;
    Ok(())
}

/// The file that the log's storage writes to now.
fn log_file(server: &Server) -> Result<PathBuf> {
    let files = fs::read_dir(server.data().join("log"))?.map(|entry| Ok(entry?.path()));
    let files = files.collect::<Result<Vec<_>>>()?;
    files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "log")).max().context("a file")
}

/// Beyond the limit a write stops in its middle, and the next one is an error: what a disk does that fails under a write.
#[tokio::test]
async fn writes_that_stop_in_their_middle_harm_nothing() -> Result<()> {
    // As small as a file can be, so that nothing can be opened anew; then so that one write comes to its middle.
    for room_left in [None, Some(20), Some(700), Some(3_000)] {
        let mut server = Server::start(&[])?;
        let mut alice = Person::sign_up(&server, "alice").await?;
        let room = alice.create_room(json!({ "preset": "private_chat" })).await?;
        let mut sent = vec![(0, alice.send(&room, "0").await?)];
        let limit = match room_left {
            None => 1,
            Some(bytes) => fs::metadata(log_file(&server)?)?.len() + bytes,
        };
        server.limit_file_size(Some(limit))?;
        let mut refused = 0;
        for n in 1..MESSAGES {
            match alice.send(&room, &n.to_string()).await {
                Ok(event_id) => sent.push((n, event_id)),
                Err(_) => refused += 1,
            }
        }
        ensure!(room_left.is_some() || refused > 0, "nothing was refused");
        ensure!(!server.has_ended()?, "the server has ended: {}", server.errors());
        server.limit_file_size(None)?;
        alice = alice.reconnected();
        until_nothing_is_missing(BACK_WITHIN, async || {
            let answer = alice.send(&room, "last").await;
            Ok(answer.err().map(|error| format!("writes are refused, though files may grow again: {error}")))
        })
        .await?;
        for (n, event_id) in sent {
            ensure!(alice.send(&room, &n.to_string()).await? == event_id, "message {n} is another one now");
            alice.demand(Method::GET, &format!("v3/rooms/{room}/event/{event_id}"), None).await?;
        }
        server.stop()?;
        server.command(&["log", "verify"])?;
        server.command(&["log", "replay", "--check"])?;
    }
    Ok(())
}
