//! Bob replaces a room that has an address by one of another version; the address follows.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use blackbox::{Person, until_nothing_is_missing};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    scene::{Scene, attempt},
    upheaval::{DONE_WITHIN, History},
};

#[derive(Clone)]
pub(super) struct Upgrade {
    bob: Person,
    room: String,
    /// The part of the address before the colon.
    address: String,
}

pub(super) async fn rooms_of_bob(scene: &Scene) -> Result<BTreeSet<String>> {
    let joined = scene.bob.demand(Method::GET, "v3/joined_rooms", None).await?;
    joined["joined_rooms"]
        .as_array()
        .context("rooms")?
        .iter()
        .map(|id| Ok(id.as_str().context("an id")?.to_owned()))
        .collect()
}

impl Upgrade {
    pub(super) async fn prepare(scene: &Scene, round: u64, history: &mut History) -> Result<Self> {
        let (bob, address) = (scene.bob.reconnected(), format!("tea{round}"));
        let body = json!({"preset": "private_chat", "room_version": "11", "room_alias_name": address});
        let room = bob.create_room(body).await?;
        history.bobs.insert(room.clone());
        Ok(Self { bob, room, address })
    }

    pub(super) async fn happen(self) -> Result<Option<Value>> {
        let path = format!("v3/rooms/{}/upgrade", self.room);
        attempt(&self.bob, Method::POST, &path, json!({"new_version": "12"})).await
    }

    pub(super) async fn check(self, scene: &Scene, answer: Option<Value>, history: &mut History) -> Result<()> {
        let told =
            answer.map(|answer| answer["replacement_room"].as_str().map(str::to_owned).context("a room")).transpose()?;
        let replacement = self.replacement(scene).await?;
        ensure!(told.is_none() || told == replacement, "{told:?} was told, and the tombstone has {replacement:?}");
        history.bobs.extend(replacement.clone());
        let bobs = rooms_of_bob(scene).await?;
        ensure!(bobs == history.bobs, "Bob is in {bobs:?}, and should be in {:?}", history.bobs);
        let current = replacement.as_ref().unwrap_or(&self.room);
        let path = format!("v3/directory/room/%23{}:localhost", self.address);
        until_nothing_is_missing(DONE_WITHIN, async || {
            let found = scene.bob.demand(Method::GET, &path, None).await?;
            Ok((found["room_id"] != current.as_str()).then(|| format!("the address leads to {found}, not to {current}")))
        })
        .await?;
        let path = format!("v3/rooms/{current}/state/m.room.canonical_alias");
        let named = scene.bob.demand(Method::GET, &path, None).await?;
        ensure!(named["alias"] == format!("#{}:localhost", self.address), "{named}");
        Ok(())
    }

    /// The room that the old one says it was replaced by.
    async fn replacement(&self, scene: &Scene) -> Result<Option<String>> {
        let path = format!("v3/rooms/{}/state/m.room.tombstone", self.room);
        let answer = scene.bob.ask(Method::GET, &path, None).await?;
        match answer.status {
            200 => Ok(Some(answer.json["replacement_room"].as_str().context("a room")?.to_owned())),
            404 => Ok(None),
            status => bail!("{path}: {status} {}", answer.json),
        }
    }
}
