//! The heavy person and what they have, made over the client-server API as anybody would.

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use futures_util::future::try_join_all;
use http::Method;
use serde_json::{Value, json};

use super::keys::device_keys;
use crate::{
    address::address,
    connection::{Connection, Target},
    setup::{self, User, in_path, run_name, text},
};

/// Kinds of addresses.
const DEVICES: u8 = 4;
const FRIENDS: u8 = 5;
const MAKERS: u8 = 6;
/// Connections on which rooms, devices and account data are made.
const MAKERS_AT_ONCE: u32 = 4;
/// People who share rooms with the heavy person, and how many rooms each shares.
const FRIENDS_AT_ALL: u32 = 4;
const SHARED_ROOMS: usize = 5;
/// Bytes of one piece of account data.
const PIECE_BYTES: u32 = 50 * 1024;

/// What the heavy person has.
#[derive(clap::Args)]
pub(super) struct Belongings {
    /// Rooms that the heavy person has
    #[arg(long, default_value_t = 1_000)]
    rooms: u32,
    /// Their devices
    #[arg(long, default_value_t = 900)]
    devices: u32,
    /// Their account data, KiB; leaves room for what the server keeps beside it
    #[arg(long, default_value_t = 10_000)]
    account_data_kib: u32,
}

impl Belongings {
    pub(super) fn check(&self) -> Result<()> {
        ensure!((1..=10_000).contains(&self.rooms), "--rooms is 1 to 10000");
        ensure!((20..=10_000).contains(&self.devices), "--devices is 20 to 10000");
        ensure!((64..=1 << 20).contains(&self.account_data_kib), "--account-data-kib is 64 to 1048576");
        Ok(())
    }
}

/// A device of the heavy person, at an address of its own.
pub(super) struct Device {
    pub(super) number: u32,
    pub(super) token: String,
}

impl Device {
    pub(super) async fn connect(&self, target: &Target) -> Result<Connection> {
        target.connect_from(address(DEVICES, self.number)).await
    }
}

/// The heavy person.
pub(super) struct Person {
    pub(super) user: User,
    pub(super) devices: Vec<Device>,
    pub(super) rooms: Vec<String>,
    /// People who share rooms with them.
    pub(super) friends: Vec<User>,
}

impl Person {
    /// Registers and fills everything.
    pub(super) async fn set_up(target: &Target, belongings: &Belongings) -> Result<Self> {
        let name = format!("heavy-{}", run_name());
        let mut connection = target.connect_from(address(MAKERS, 1)).await?;
        let user = setup::register(&mut connection, &name).await?;
        let maker = Maker { target, user: &user, name: &name };
        let (devices, rooms, _) = tokio::try_join!(
            // They registered on one.
            maker.all(belongings.devices - 1, |connection, number| maker.device(connection, number)),
            maker.all(belongings.rooms, |connection, number| maker.room(connection, number)),
            maker
                .all(belongings.account_data_kib * 1024 / PIECE_BYTES, |connection, number| maker.piece(connection, number)),
        )?;
        // The first one was silent for longer than a server waits.
        let mut connection = target.connect_from(address(MAKERS, 1)).await?;
        let mut friends = Vec::new();
        for number in 0..FRIENDS_AT_ALL {
            friends.push(maker.friend(&mut connection, number, &rooms).await?);
        }
        Ok(Self { user, devices, rooms, friends })
    }
}

/// Who makes what the heavy person has.
#[derive(Clone, Copy)]
struct Maker<'a> {
    target: &'a Target,
    user: &'a User,
    name: &'a str,
}

impl Maker<'_> {
    /// So many of something, on a few connections.
    async fn all<T, F: Future<Output = Result<(Connection, T)>>>(
        self,
        count: u32,
        make: impl Fn(Connection, u32) -> F,
    ) -> Result<Vec<T>> {
        let make = &make;
        let parts = (0..MAKERS_AT_ONCE).map(|part| async move {
            let mut connection = self.target.connect_from(address(MAKERS, 1 + part)).await?;
            let mut made = Vec::new();
            for number in (part..count).step_by(MAKERS_AT_ONCE as usize) {
                let (open, one) = make(connection, number).await?;
                connection = open;
                made.push(one);
            }
            anyhow::Ok(made)
        });
        Ok(try_join_all(parts).await?.into_iter().flatten().collect())
    }

    /// A session at an address of its own, with the keys of a device.
    async fn device(self, mut connection: Connection, number: u32) -> Result<(Connection, Device)> {
        let mut own = self.target.connect_from(address(DEVICES, number)).await?;
        let (device_id, token) = setup::log_in(&mut own, self.name).await?;
        let keys = json!({ "device_keys": device_keys(&self.user.id, &device_id) });
        let path = "/_matrix/client/v3/keys/upload";
        connection.insist(Method::POST, path, &token, Bytes::from(keys.to_string())).await?;
        Ok((connection, Device { number, token }))
    }

    async fn room(self, mut connection: Connection, number: u32) -> Result<(Connection, String)> {
        let encryption =
            json!({ "type": "m.room.encryption", "state_key": "", "content": { "algorithm": "m.megolm.v1.aes-sha2" } });
        let room = json!({ "preset": "private_chat", "name": format!("Room {number}"), "initial_state": [encryption] });
        let path = "/_matrix/client/v3/createRoom";
        let answer = connection.insist(Method::POST, path, &self.user.token, Bytes::from(room.to_string())).await?;
        let answer: Value = serde_json::from_slice(&answer).context("no JSON from /createRoom")?;
        Ok((connection, text(&answer, "room_id")?))
    }

    async fn piece(self, mut connection: Connection, number: u32) -> Result<(Connection, ())> {
        put_piece(&mut connection, self.user, &self.user.token, number).await?;
        Ok((connection, ()))
    }

    /// Somebody who is in some of the rooms.
    async fn friend(self, connection: &mut Connection, number: u32, rooms: &[String]) -> Result<User> {
        let mut own = self.target.connect_from(address(FRIENDS, number)).await?;
        let friend = setup::register(&mut own, &format!("{}-friend-{number}", self.name)).await?;
        let invite = Bytes::from(json!({ "user_id": friend.id }).to_string());
        for room in rooms.iter().take(SHARED_ROOMS) {
            let room = in_path(room);
            let path = format!("/_matrix/client/v3/rooms/{room}/invite");
            connection.insist(Method::POST, &path, &self.user.token, invite.clone()).await?;
            let path = format!("/_matrix/client/v3/join/{room}");
            own.insist(Method::POST, &path, &friend.token, Bytes::from_static(b"{}")).await?;
        }
        Ok(friend)
    }
}

/// Writes a piece of account data, anew if it is there.
pub(super) async fn put_piece(connection: &mut Connection, user: &User, token: &str, number: u32) -> Result<()> {
    let path = format!("/_matrix/client/v3/user/{}/account_data/org.example.heavy.{number}", in_path(&user.id));
    let content = json!({ "padding": "A".repeat(PIECE_BYTES as usize) }).to_string();
    connection.insist(Method::PUT, &path, token, Bytes::from(content)).await.map(drop)
}
