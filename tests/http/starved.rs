//! A server that runs out of descriptors while its storages need new files: afterwards it goes on by itself.

use std::{
    io::Write as _,
    net::TcpStream,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use blackbox::{Person, Server};
use reqwest::Method;
use serde_json::json;

/// Descriptors that the server may have.
const DESCRIPTORS: u32 = 200;
/// A piece of account data, bytes. The views' storage writes a file out after some 80 of them.
const PIECE_BYTES: usize = 200 * 1024;
/// Pieces written while there are no descriptors left, at most.
const PIECES_MAX: usize = 250;
/// Refused writes after which it is certain that something has failed.
const ENOUGH_REFUSED: usize = 5;
/// How long it may take to come back.
const BACK_WITHIN: Duration = Duration::from_secs(20);

/// As many silent connections as the server takes.
fn use_up_descriptors(server: &Server) -> Result<Vec<TcpStream>> {
    let address = server.url.trim_start_matches("http://").parse()?;
    let mut held = Vec::new();
    for _ in 0..DESCRIPTORS * 2 {
        let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) else { break };
        if stream.write_all(b"GET / HTTP/1.1\r\n").is_err() {
            break;
        }
        held.push(stream);
        if server.open_files()? >= DESCRIPTORS as usize {
            break;
        }
    }
    Ok(held)
}

#[tokio::test]
async fn a_lack_of_descriptors_passes_without_a_restart() -> Result<()> {
    let mut server = Server::start_with_open_files(DESCRIPTORS)?;
    let alice = Person::sign_up(&server, "alice").await?;
    let path = |n: usize| format!("v3/user/{}/account_data/piece.{n}", alice.user_id);
    let piece = |n: usize| json!({ "n": n, "x": "y".repeat(PIECE_BYTES) });
    // The connection that alice writes on is there before the others.
    alice.demand(Method::PUT, &path(0), Some(piece(0))).await?;
    let held = use_up_descriptors(&server)?;
    let (mut acknowledged, mut refused) = (vec![0], 0);
    for n in 1..PIECES_MAX {
        match alice.ask(Method::PUT, &path(n), Some(piece(n))).await {
            Ok(answer) if answer.status == 200 => acknowledged.push(n),
            _ => refused += 1,
        }
        if refused >= ENOUGH_REFUSED {
            break;
        }
    }
    drop(held);

    let alice = alice.reconnected();
    let since = Instant::now();
    let mut n = PIECES_MAX;
    loop {
        let answer = alice.ask(Method::PUT, &path(n), Some(json!({ "n": n }))).await;
        if answer.as_ref().is_ok_and(|answer| answer.status == 200) {
            break;
        }
        if since.elapsed() > BACK_WITHIN {
            bail!("writes are refused long after the descriptors came back: {answer:?}\n{}", server.errors());
        }
        n += 1;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
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
