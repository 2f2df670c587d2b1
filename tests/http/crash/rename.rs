//! Alice takes another name, which goes into all of her rooms.

use anyhow::{Context, Result, ensure};
use blackbox::{Person, until_nothing_is_missing};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    scene::{Scene, attempt},
    upheaval::{DONE_WITHIN, History},
};

#[derive(Clone)]
pub(super) struct Rename {
    alice: Person,
    name: String,
}

pub(super) async fn name_of_alice(scene: &Scene) -> Result<String> {
    let path = format!("v3/profile/{}/displayname", scene.alice.user_id);
    let answer = scene.alice.demand(Method::GET, &path, None).await?;
    Ok(answer["displayname"].as_str().unwrap_or_default().to_owned())
}

impl Rename {
    pub(super) fn prepare(scene: &Scene, round: u64) -> Self {
        Self { alice: scene.alice.reconnected(), name: format!("Alice of round {round}") }
    }

    pub(super) async fn happen(self) -> Result<Option<Value>> {
        let path = format!("v3/profile/{}/displayname", self.alice.user_id);
        attempt(&self.alice, Method::PUT, &path, json!({"displayname": self.name})).await
    }

    pub(super) async fn check(self, scene: &Scene, was_told: bool, history: &mut History) -> Result<()> {
        let name = name_of_alice(scene).await?;
        ensure!(name == self.name || (!was_told && name == history.name), "her name is {name}, told: {was_told}");
        for room in &scene.alices {
            let path = format!("v3/rooms/{room}/state/m.room.member/{}", scene.alice.user_id);
            until_nothing_is_missing(DONE_WITHIN, async || {
                let member = scene.alice.demand(Method::GET, &path, None).await?;
                let shown = member["displayname"].as_str().unwrap_or_default();
                Ok((shown != name).then(|| format!("{room} has {shown} instead of {name}")))
            })
            .await
            .context("a new name")?;
        }
        history.name = name;
        Ok(())
    }
}
