//! One figure of memory: what one request may be works with the least of it, and with less the server says what it needs.

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server};
use reqwest::Method;
use serde_json::{Map, json};

const LEAST_BYTES: u64 = 192 << 20;
/// Keys that are stored at once, and bytes of each: nearly as large a body as is read.
const KEYS: usize = 240;
const KEY_BYTES: usize = 16_000;

#[tokio::test]
async fn the_largest_requests_work_with_the_least_memory() -> Result<()> {
    let server = Server::start(&[("HEARTH_MEMORY_BYTES", &LEAST_BYTES.to_string())])?;
    ensure!(server.errors().contains("memory.mib=192"), "{}", server.errors());
    let alice = Person::sign_up(&server, "alice").await?;
    let backup = json!({ "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": { "public_key": "AAAA", "signatures": {} } });
    let version = alice.demand(Method::POST, "v3/room_keys/version", Some(backup)).await?;
    let path = format!("v3/room_keys/keys?version={}", version["version"].as_str().context("a version")?);
    let session = json!({
        "first_message_index": 0,
        "forwarded_count": 0,
        "is_verified": true,
        "session_data": { "ciphertext": "A".repeat(KEY_BYTES), "ephemeral": "AAAA", "mac": "AAAA" },
    });
    let room = json!({ "sessions": { "s": session } });
    let rooms: Map<_, _> = (0..KEYS).map(|n| (format!("!{n}:localhost"), room.clone())).collect();
    alice.demand(Method::PUT, &path, Some(json!({ "rooms": rooms }))).await?;
    let kept = alice.demand(Method::GET, &path, None).await?;
    ensure!(kept["rooms"].as_object().is_some_and(|rooms| rooms.len() == KEYS), "they are not all there");
    Ok(())
}

#[tokio::test]
async fn with_too_little_memory_it_says_how_much_it_needs() -> Result<()> {
    let refused = Server::start(&[("HEARTH_MEMORY_BYTES", "100000000")]).map(drop);
    let words = format!("{:#}", refused.err().context("it starts")?);
    ensure!(words.contains("least that works is 192 MiB") && words.contains("server.memory_bytes"), "{words}");
    Ok(())
}
