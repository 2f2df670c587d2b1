//! Hostile values in every field of every request that writes. Whatever one person sends, it is kept or refused with 4xx,
//! and nobody else notices: not now, not after a restart.

pub(crate) mod requests;
mod values;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use requests::{Names, Write};

/// Two who talk while mallory tries things, in a room where she is too.
struct Bystanders {
    client: Client,
    url: String,
    alice: Person,
    room: String,
    sent: u32,
    since: String,
}

impl Bystanders {
    /// Alice sends, and both syncs deliver it to her, as JSON that a strict reader takes.
    async fn talk(&mut self) -> Result<()> {
        self.sent += 1;
        let event = self.alice.send(&self.room, &format!("bystander{}", self.sent)).await?;
        let since = self.alice.demand(Method::GET, &format!("v3/sync?timeout=0&since={}", self.since), None).await?;
        ensure!(since.to_string().contains(&event), "/sync lacks what was just sent");
        self.since = since["next_batch"].as_str().context("a token")?.to_owned();
        let list = json!({ "ranges": [[0, 9]], "timeline_limit": 1, "required_state": [["*", "*"]] });
        let extensions = json!({
            "to_device": { "enabled": true }, "e2ee": { "enabled": true }, "account_data": { "enabled": true },
            "receipts": { "enabled": true }, "typing": { "enabled": true },
        });
        let sliding = json!({ "lists": { "all": list }, "extensions": extensions });
        let path = "unstable/org.matrix.simplified_msc3575/sync?timeout=0";
        let answer = self.alice.demand(Method::POST, path, Some(sliding)).await?;
        ensure!(answer["rooms"][&self.room].is_object(), "sliding sync lacks the room");
        Ok(())
    }

    /// The status that mallory's request gets.
    async fn attempt(&self, mallory: &Person, write: &Write, body: String) -> Result<u16> {
        let request = self.client.request(write.method.clone(), format!("{}/_matrix/client/{}", self.url, write.path));
        let request = request.bearer_auth(&mallory.token).header("content-type", "application/json").body(body);
        Ok(request.send().await.with_context(|| write.path.clone())?.status().as_u16())
    }
}

#[tokio::test]
async fn hostile_values_harm_nobody_else() -> Result<()> {
    let mut server = Server::start(&[("HEARTH_REQUIRE_ENCRYPTION", "false")])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(json!({ "preset": "public_chat" })).await?;
    let client = Client::builder().pool_max_idle_per_host(0).build()?;
    let mut bystanders = Bystanders { client, url: server.url.clone(), alice, room, sent: 0, since: String::new() };
    bystanders.since =
        bystanders.alice.demand(Method::GET, "v3/sync", None).await?["next_batch"].as_str().context("a token")?.to_owned();

    let mut accounts = 0;
    let mut mallory = newcomer(&server, &bystanders, &mut accounts).await?;
    let mut statuses = BTreeMap::<u16, u32>::new();
    for index in 0.. {
        let Some(write) = requests::all(&mallory.names).into_iter().nth(index) else { break };
        for hole in 0..values::holes(&write.body) {
            for value in values::HOSTILE {
                // The paths and ids in a body are of whoever is mallory now.
                let write = requests::all(&mallory.names).swap_remove(index);
                let body = values::with_hostile(&write.body, hole, &value.text());
                let status = bystanders.attempt(&mallory.person, &write, body).await?;
                ensure!(status < 500, "{status} for {} {} with {value:?} in hole {hole}", write.method, write.path);
                *statuses.entry(status).or_default() += 1;
                // What only a first upload may do is tried by a new account each time that one was let in.
                if write.is_first && status == 200 {
                    bystanders.talk().await.with_context(|| format!("after {} with {value:?}", write.path))?;
                    mallory = newcomer(&server, &bystanders, &mut accounts).await?;
                }
            }
        }
        bystanders.talk().await.with_context(|| format!("after {}", write_name(&mallory.names, index)))?;
    }
    ensure!(statuses.get(&200).is_some_and(|count| *count > 100), "hardly anything was let in: {statuses:?}");
    ensure!(statuses.get(&400).is_some_and(|count| *count > 100), "hardly anything was refused: {statuses:?}");

    let health: Value = bystanders.client.get(format!("{}/health", server.url)).send().await?.json().await?;
    ensure!(health["status"] == "ok", "{health}");
    server.restart()?;
    bystanders.url.clone_from(&server.url);
    bystanders.alice = bystanders.alice.reconnected();
    bystanders.talk().await.context("after a restart")?;
    server.stop()?;
    server.command(&["log", "verify"])?;
    server.command(&["log", "replay", "--check"])?;
    Ok(())
}

fn write_name(names: &Names, index: usize) -> String {
    requests::all(names).swap_remove(index).path
}

/// An account that has written nothing yet, with what its requests name.
struct Newcomer {
    person: Person,
    names: Names,
}

async fn newcomer(server: &Server, bystanders: &Bystanders, accounts: &mut u32) -> Result<Newcomer> {
    *accounts += 1;
    let person = Person::sign_up(server, &format!("mallory{accounts}")).await?;
    let joined = format!("v3/rooms/{}/join", bystanders.room);
    person.demand(Method::POST, &joined, Some(json!({}))).await?;
    let own_room = person.create_room(json!({ "preset": "private_chat" })).await?;
    let event = person.send(&own_room, "first").await?;
    let version = json!({ "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": { "public_key": requests::PUBLIC_KEY, "signatures": {} } });
    let backup = person.demand(Method::POST, "v3/room_keys/version", Some(version)).await?;
    let names = Names {
        user_id: person.user_id.clone(),
        device_id: person.device_id.clone(),
        victim: bystanders.alice.user_id.clone(),
        shared_room: bystanders.room.clone(),
        own_room,
        event,
        backup: backup["version"].as_str().context("a version")?.to_owned(),
    };
    Ok(Newcomer { person, names })
}
