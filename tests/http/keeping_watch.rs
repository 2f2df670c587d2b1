//! Somebody keeps watch over the log from outside: checkpoints and tiles, checked with nothing but SHA-256 and Ed25519.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use blackbox::{Person, Server};
use ed25519_dalek::{Signature, VerifyingKey};
use reqwest::{Response, header::HeaderMap};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Hashes in a full tile.
const TILE: u64 = 256;
/// How long a checkpoint of newer records may be in coming.
const FRESH_WITHIN: Duration = Duration::from_secs(15);

type Hash = [u8; 32];

async fn get(server: &Server, path: &str) -> Result<Response> {
    Ok(reqwest::get(format!("{}/_hearth/log/{path}", server.url)).await?)
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// A size and the root of the tree over so many records.
#[derive(Debug)]
struct Checkpoint {
    size: u64,
    root: Hash,
}

/// The newest checkpoint, whose signature holds.
async fn checkpoint(server: &Server, verifier_key: &str) -> Result<Checkpoint> {
    let response = get(server, "checkpoint").await?;
    ensure!(response.status() == 200, "{}", response.status());
    ensure!(text(response.headers(), "content-type") == "text/plain; charset=utf-8");
    ensure!(text(response.headers(), "cache-control").contains("max-age="));
    open(&response.text().await?, verifier_key)
}

/// Checks a signed note by the line that names its key: `name+id+key`.
fn open(note: &str, verifier_key: &str) -> Result<Checkpoint> {
    let mut parts = verifier_key.splitn(3, '+');
    let (name, id, key) = (parts.next(), parts.next(), parts.next().context("a key")?);
    let (name, id, key) = (name.context("a name")?, id.context("an id")?, STANDARD.decode(key)?);
    let (body, signatures) = note.split_once("\n\n").context("an empty line")?;
    let line = signatures.strip_prefix(&format!("— {name} ")).context("a signature of the log")?;
    let signed = STANDARD.decode(line.trim_end())?;
    let (signed_id, signature) = signed.split_first_chunk::<4>().context("an id of a key")?;
    ensure!(format!("{:08x}", u32::from_be_bytes(*signed_id)) == id, "another key");
    ensure!(key.first() == Some(&1), "no Ed25519 key");
    let key = VerifyingKey::from_bytes(key[1..].try_into()?)?;
    key.verify_strict(format!("{body}\n").as_bytes(), &Signature::from_slice(signature)?)?;
    let lines: Vec<&str> = body.lines().collect();
    ensure!(lines.len() >= 3 && lines[0] == name, "{body}");
    let root = STANDARD.decode(lines[2])?.try_into().ok().context("a root")?;
    Ok(Checkpoint { size: lines[1].parse()?, root })
}

async fn tile(server: &Server, name: &str) -> Result<Vec<Hash>> {
    let response = get(server, &format!("tile/{name}")).await?;
    ensure!(response.status() == 200, "{name}: {}", response.status());
    ensure!(text(response.headers(), "content-type") == "application/octet-stream");
    ensure!(text(response.headers(), "cache-control").contains("immutable"));
    let bytes = response.bytes().await?;
    let (hashes, rest) = bytes.as_chunks::<32>();
    ensure!(rest.is_empty(), "{name} has {} bytes", bytes.len());
    Ok(hashes.to_vec())
}

/// All leaves of a tree of less than 1000 tiles, and whether each level above is made of them.
async fn leaves(server: &Server, size: u64) -> Result<Vec<Hash>> {
    let mut leaves = Vec::new();
    for n in 0..size / TILE {
        leaves.extend(tile(server, &format!("0/{n:03}")).await?);
    }
    if !size.is_multiple_of(TILE) {
        leaves.extend(tile(server, &format!("0/{:03}.p/{}", size / TILE, size % TILE)).await?);
    }
    ensure!(leaves.len() as u64 == size, "{} leaves of {size}", leaves.len());
    if size >= TILE {
        let above = tile(server, &format!("1/000.p/{}", size / TILE)).await?;
        let roots: Vec<Hash> = leaves.chunks_exact(256).map(root).collect();
        ensure!(above == roots, "the tile above is not made of those below");
    }
    Ok(leaves)
}

/// The Merkle tree hash of RFC 6962, section 2.1, over leaf hashes.
fn root(leaves: &[Hash]) -> Hash {
    if let [leaf] = leaves {
        return *leaf;
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    Sha256::new().chain_update([1]).chain_update(root(left)).chain_update(root(right)).finalize().into()
}

/// The leaf hash of each record, from an export.
fn leaves_of_export(export: &str) -> Result<Vec<Hash>> {
    let headers = export.lines().filter_map(|line| line.strip_prefix("{\"header\":"));
    headers
        .map(|line| {
            let end = line.find("},\"").context("the end of a header")?;
            Ok(Sha256::new().chain_update([0]).chain_update(&line[..=end]).finalize().into())
        })
        .collect()
}

/// A checkpoint of at least `size` records, which must come soon while the server runs.
async fn grown_to(server: &Server, verifier_key: &str, size: u64) -> Result<Checkpoint> {
    let began = Instant::now();
    loop {
        let newest = checkpoint(server, verifier_key).await?;
        if newest.size >= size {
            return Ok(newest);
        }
        ensure!(began.elapsed() < FRESH_WITHIN, "{newest:?} where {size} records were written");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn verifier_key(server: &Server) -> Result<String> {
    let stat = server.command(&["log", "stat"])?;
    let key = stat.lines().find_map(|line| line.strip_prefix("verifier key "));
    Ok(key.context("the key in `hearth log stat`")?.to_owned())
}

#[tokio::test]
async fn whoever_keeps_watch_sees_that_the_log_only_grows() -> Result<()> {
    let server = Server::start(&[])?;
    let key = verifier_key(&server)?;
    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(json!({})).await?;
    alice.send(&room, "first").await?;
    let before = grown_to(&server, &key, 3).await?;
    let leaves_before = leaves(&server, before.size).await?;
    ensure!(root(&leaves_before) == before.root);

    for n in 0..TILE {
        alice.send(&room, &n.to_string()).await?;
    }
    let after = grown_to(&server, &key, before.size + TILE).await?;
    let leaves_after = leaves(&server, after.size).await?;
    ensure!(root(&leaves_after) == after.root);
    ensure!(leaves_after.starts_with(&leaves_before), "the log was changed");
    // Partial tiles of earlier checkpoints stay where they were.
    ensure!(tile(&server, &format!("0/000.p/{}", before.size)).await? == leaves_before);

    let exported = leaves_of_export(&server.command(&["log", "export"])?)?;
    ensure!(exported.starts_with(&leaves_after), "the leaves are not those of the records");
    // What was signed for those who watch is part of the log, and holds.
    server.command(&["log", "verify"])?;
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_nothing_private_is_served() -> Result<()> {
    let mut server = Server::start(&[])?;
    let key = verifier_key(&server)?;
    let size = grown_to(&server, &key, 1).await?.size;
    let beyond = format!("tile/0/000.p/{}", size + 100);
    let names = [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/000",
        &beyond,
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/1/000.p/1",
        "tile/63/000.p/1",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/0/0",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/entries/000",
        "tile/entries/000.p/1",
        "tile/data/000",
        "tile/0/000%2Ep/0",
        "tile/0/..%2f..%2f000",
    ];
    for name in names {
        let response = get(&server, name).await?;
        let (status, kind) = (response.status(), text(response.headers(), "content-type"));
        ensure!(status == 404, "{name}: {status} {kind}");
        ensure!(!text(response.headers(), "cache-control").contains("immutable"), "{name}");
    }
    // The tree goes on where it was, under the same key, when the server comes back.
    let before = checkpoint(&server, &key).await?;
    server.restart()?;
    let after = checkpoint(&server, &key).await?;
    let leaves = leaves(&server, after.size).await?;
    ensure!(root(&leaves) == after.root && root(&leaves[..usize::try_from(before.size)?]) == before.root);
    Ok(())
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_to_come_later() -> Result<()> {
    let server = Server::start(&[("HEARTH_RATE_LIMITS", "on")])?;
    let client = reqwest::Client::new();
    let url = format!("{}/_hearth/log/tile/0/000.p/1", server.url);
    for _ in 0..5_000 {
        let response = client.get(&url).send().await?;
        if response.status() == 429 {
            ensure!(text(response.headers(), "retry-after") == "1", "{response:?}");
            return Ok(());
        }
        ensure!([200, 404].contains(&response.status().as_u16()), "{response:?}");
    }
    anyhow::bail!("5,000 requests of one address were answered")
}

/// A process that is killed in the end.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[tokio::test]
async fn a_second_process_follows_the_log_of_a_running_server() -> Result<()> {
    let server = Server::start(&[])?;
    let binary = env::var_os("HEARTH_BIN").context("set HEARTH_BIN to the server's binary")?;
    let mut command = Command::new(binary);
    command.args(["log", "tail", "--from", "1", "--data"]).arg(server.data()).stdout(Stdio::piped());
    let mut tail = Killed(command.spawn()?);
    let output = BufReader::new(tail.0.stdout.take().context("an output")?);
    let (tell, lines) = mpsc::channel();
    thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));

    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(json!({})).await?;
    for n in 0..20 {
        alice.send(&room, &n.to_string()).await?;
    }
    let health: Value = reqwest::get(format!("{}/health", server.url)).await?.json().await?;
    let head = health["log_head"].as_u64().context("the end of the log")?;
    let mut messages = 0;
    for position in 1..=head {
        let line = lines.recv_timeout(FRESH_WITHIN).with_context(|| format!("record {position} of {head}"))?;
        let words: Vec<&str> = line.split(' ').collect();
        ensure!(words.len() == 4 && words[0] == position.to_string(), "{line} where {position} must follow");
        messages += i32::from(words[2].contains(&room) && words[3] == "room.pdu");
    }
    ensure!(messages >= 20, "{messages} of 20 messages");
    Ok(())
}
