//! The attacks. Each is many clients that try the same again and again, from as many addresses.

mod bodies;
mod client;
mod guesses;
mod readers;
mod sliding;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use bytes::Bytes;
use clap::ValueEnum;
use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use tokio::time::sleep;

use super::address::address;
use crate::{
    connection::{Connection, Target},
    setup::{User, in_path, text},
};

use client::{Client, Outcome};

/// Between two tries of one client, so that a server that closes at once does not keep the attackers' processor busy.
const PAUSE: Duration = Duration::from_millis(200);
/// Rooms of an attacker, and messages in each.
const ROOMS: usize = 10;
const MESSAGES: usize = 10;
/// Bytes of each of those messages.
const MESSAGE_BYTES: usize = 40_000;

/// A way to attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Attack {
    /// Asks for what is large and reads nothing of it.
    SlowReaders,
    /// Sends a byte a second.
    SlowWriters,
    /// Says nothing.
    Silent,
    /// Sends bodies without end.
    EndlessBodies,
    /// Wrong passwords, up to two thousand a second: guessers wait for answers.
    WrongPasswords,
    /// The largest sliding syncs that are let in, one after the other.
    SlidingSyncs,
    /// Uploads that break off.
    BrokenUploads,
}

impl Attack {
    /// Clients that do it at once. Together they are more than the server has connections for.
    const fn clients(self) -> u32 {
        match self {
            Self::SlowReaders | Self::SlowWriters => 120,
            Self::Silent => 300,
            Self::EndlessBodies | Self::BrokenUploads => 12,
            Self::WrongPasswords => 20,
            Self::SlidingSyncs => 6,
        }
    }
}

/// How often each attack was tried, and what came of it.
#[derive(Clone)]
pub(super) struct Counts(Arc<Vec<(Attack, Count)>>);

#[derive(Default)]
struct Count {
    tries: AtomicU64,
    served: AtomicU64,
    refused: AtomicU64,
}

impl Default for Counts {
    fn default() -> Self {
        Self(Arc::new(Attack::value_variants().iter().map(|attack| (*attack, Count::default())).collect()))
    }
}

impl Counts {
    fn note(&self, attack: Attack, outcome: &Outcome) {
        let Some((_, count)) = self.0.iter().find(|(known, _)| *known == attack) else { return };
        count.tries.fetch_add(1, Ordering::Relaxed);
        match outcome {
            Outcome::Served => _ = count.served.fetch_add(1, Ordering::Relaxed),
            Outcome::Refused => _ = count.refused.fetch_add(1, Ordering::Relaxed),
            Outcome::Ended => {}
        }
    }

    /// A row of the table for each attack.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |(attack, count): &(Attack, Count)| {
            let [tries, served, refused] = [&count.tries, &count.served, &count.refused].map(|n| n.load(Ordering::Relaxed));
            format!("| {attack:?}: {} clients; tries, served, refused | {tries}, {served}, {refused} |", attack.clients())
        };
        self.0.iter().map(line).collect()
    }
}

/// Carries on every attack of `chosen`, or all of them. Never ends by itself.
pub(super) async fn all(target: &Target, users: &[User], counts: &Counts, chosen: &[Attack]) {
    let mut clients = Vec::new();
    let attacks = Attack::value_variants().iter().filter(|attack| chosen.is_empty() || chosen.contains(attack));
    for (kind, attack) in (10..).zip(attacks) {
        for (number, user) in (0..attack.clients()).zip(users.iter().cycle()) {
            let client = Client { target, from: address(kind, number), user, number, clients: attack.clients(), round: 0 };
            clients.push(carry_on(*attack, client, counts));
        }
    }
    join_all(clients).await;
}

async fn carry_on(attack: Attack, mut client: Client<'_>, counts: &Counts) {
    // Spread over a second.
    sleep(PAUSE * (client.number % 5)).await;
    loop {
        let outcome = match attack {
            Attack::SlowReaders => readers::read_nothing(&client).await,
            Attack::SlowWriters => bodies::write_slowly(&client).await,
            Attack::Silent => readers::say_nothing(&client).await,
            Attack::EndlessBodies => bodies::write_for_ever(&client).await,
            Attack::WrongPasswords => guesses::guess(&client, |outcome| counts.note(attack, outcome)).await,
            Attack::SlidingSyncs => sliding::sync(&client, |outcome| counts.note(attack, outcome)).await,
            Attack::BrokenUploads => bodies::break_off(&client).await,
        };
        counts.note(attack, &outcome.unwrap_or(Outcome::Ended));
        client.round = client.round.wrapping_add(1);
        sleep(PAUSE).await;
    }
}

/// Rooms for an attacker, with messages as large as may be sent.
pub(super) async fn fill(connection: &mut Connection, user: &User) -> Result<()> {
    let content = json!({ "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "A".repeat(MESSAGE_BYTES) }).to_string();
    let content = Bytes::from(content);
    for _ in 0..ROOMS {
        let encryption =
            json!({ "type": "m.room.encryption", "state_key": "", "content": { "algorithm": "m.megolm.v1.aes-sha2" } });
        let room = json!({ "preset": "private_chat", "initial_state": [encryption] });
        let room = connection.post("/_matrix/client/v3/createRoom", &user.token, &room).await?;
        let room_id = in_path(&text(&room, "room_id")?);
        for number in 0..MESSAGES {
            let path = format!("/_matrix/client/v3/rooms/{room_id}/send/m.room.encrypted/{number}");
            connection.expect(Method::PUT, &path, &user.token, content.clone()).await?;
        }
    }
    // Read once, so that the server's caches are as they are in use before anybody attacks.
    connection.expect(Method::GET, "/_matrix/client/v3/sync?timeout=0", &user.token, Bytes::new()).await?;
    Ok(())
}
