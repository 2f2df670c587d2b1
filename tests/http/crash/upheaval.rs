//! What one request changes in many rooms or in many ways, cut off at any moment: all of it is done after the restart, or none.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Result;
use blackbox::Server;
use rand::RngExt;
use rand_chacha::ChaCha20Rng;
use serde_json::Value;

use super::{
    closing::Closing,
    rename::{Rename, name_of_alice},
    scene::Scene,
    upgrade::{Upgrade, rooms_of_bob},
};

/// What a server does by itself after a start is done within this; a busy machine may take longer.
pub(super) const DONE_WITHIN: Duration = Duration::from_secs(20);

/// What earlier rounds have left.
pub(super) struct History {
    /// Alice's name.
    pub(super) name: String,
    /// Bob's rooms.
    pub(super) bobs: BTreeSet<String>,
}

impl History {
    pub(super) async fn of(scene: &Scene) -> Result<Self> {
        Ok(Self { name: name_of_alice(scene).await?, bobs: rooms_of_bob(scene).await? })
    }
}

#[derive(Clone)]
pub(super) enum Upheaval {
    Rename(Rename),
    Closing(Closing),
    Upgrade(Upgrade),
}

impl Upheaval {
    /// Sets up what one needs that happens in this round.
    pub(super) async fn prepare(
        server: &Server,
        scene: &Scene,
        round: u64,
        random: &mut ChaCha20Rng,
        history: &mut History,
    ) -> Result<Self> {
        Ok(match random.random_range(0..10) {
            0..4 => Self::Rename(Rename::prepare(scene, round)),
            4..7 => Self::Closing(Closing::prepare(server, scene, round, random.random_bool(0.5)).await?),
            _ => Self::Upgrade(Upgrade::prepare(scene, round, history).await?),
        })
    }

    /// Makes the request after a pause. Nothing is returned when the server did not live to answer.
    pub(super) async fn happen(self, begin: Duration) -> Result<Option<Value>> {
        tokio::time::sleep(begin).await;
        match self {
            Self::Rename(rename) => rename.happen().await,
            Self::Closing(closing) => closing.happen().await,
            Self::Upgrade(upgrade) => upgrade.happen().await,
        }
    }

    /// After the restart: wholly so if it was acknowledged, and otherwise wholly so or not at all.
    pub(super) async fn check(
        self,
        server: &Server,
        scene: &Scene,
        answer: Option<Value>,
        history: &mut History,
    ) -> Result<()> {
        match self {
            Self::Rename(rename) => rename.check(scene, answer.is_some(), history).await,
            Self::Closing(closing) => closing.check(server, scene, answer.is_some()).await,
            Self::Upgrade(upgrade) => upgrade.check(scene, answer, history).await,
        }
    }
}
