//! The attacks. Each is many clients that try the same again and again, from as many addresses.

mod bodies;
mod client;
mod guesses;
mod readers;
mod sliding;
mod thumbnails;

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use clap::ValueEnum;
use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use tokio::time::sleep;

use crate::{
    address::address,
    connection::{Connection, Target},
    setup::{User, in_path, text},
    tally::Tally,
};

use client::Client;

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
    /// Wrong passwords, two thousand a second, whether they are answered or not.
    WrongPasswords,
    /// The largest sliding syncs that are let in, one after the other.
    SlidingSyncs,
    /// Uploads that break off.
    BrokenUploads,
    /// Thumbnails in all sizes of pictures as large as may be, of bombs, and of what is no whole picture.
    Thumbnails,
}

impl Attack {
    /// Its name in figures.
    pub(super) fn name(self) -> String {
        format!("{self:?}")
    }

    /// What `chosen` names, and all when that is nothing.
    pub(super) fn chosen(chosen: &[Self]) -> impl Iterator<Item = Self> {
        Self::value_variants().iter().copied().filter(move |attack| chosen.is_empty() || chosen.contains(attack))
    }

    /// How many requests a second have to be answered for this to be the attack that it is said to be; none where what an attacker holds
    /// matters and not how often it comes.
    pub(super) const fn answers_per_second(self) -> Option<u32> {
        match self {
            Self::WrongPasswords => Some(guesses::PER_SECOND),
            _ => None,
        }
    }

    /// Clients that do it at once. Together they are more than the server has connections for.
    pub(super) const fn clients(self) -> u32 {
        match self {
            Self::SlowReaders | Self::SlowWriters => 120,
            Self::Silent => 300,
            Self::EndlessBodies | Self::BrokenUploads => 12,
            Self::WrongPasswords => 20,
            Self::SlidingSyncs | Self::Thumbnails => 6,
        }
    }
}

/// Carries on every attack of `chosen`, or all of them. Never ends by itself.
pub(super) async fn all(target: &Target, users: &[User], tally: &Tally, chosen: &[Attack]) {
    let mut clients = Vec::new();
    for (kind, attack) in (10..).zip(Attack::chosen(chosen)) {
        for (number, user) in (0..attack.clients()).zip(users.iter().cycle()) {
            let client = Client { target, from: address(kind, number), user, number, clients: attack.clients(), round: 0 };
            clients.push(carry_on(attack, client, tally));
        }
    }
    join_all(clients).await;
}

async fn carry_on(attack: Attack, mut client: Client<'_>, tally: &Tally) {
    let name = attack.name();
    let note = |answer| tally.note(&name, answer);
    // Spread over a second.
    sleep(PAUSE * (client.number % 5)).await;
    loop {
        let answer = match attack {
            Attack::SlowReaders => readers::read_nothing(&client).await,
            Attack::SlowWriters => bodies::write_slowly(&client).await,
            Attack::Silent => readers::say_nothing(&client).await,
            Attack::EndlessBodies => bodies::write_for_ever(&client).await,
            Attack::WrongPasswords => guesses::guess(&client, &name, tally).await,
            Attack::SlidingSyncs => sliding::sync(&client, note).await,
            Attack::BrokenUploads => bodies::break_off(&client).await,
            Attack::Thumbnails => thumbnails::ask(&client, note).await,
        };
        note(answer.unwrap_or(None));
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
