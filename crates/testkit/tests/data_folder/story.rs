//! A story in which every kind of fact happens: three people, their devices and their rooms.

use anyhow::{Context, Result, ensure};
use domain::Command;
use engine::{Engine, HasLanes, SnapshotCheck, SnapshotInterval};
use ruma::OwnedUserId;
use serde_json::{Value, value::RawValue};
use testkit::Node;

use crate::{encryption, people, rooms};

/// The server, and how the story goes on.
pub(crate) struct Story {
    node: Node,
}

/// Tells it from the beginning to the end.
pub(crate) async fn tell() -> Result<Story> {
    let mut story = Story { node: Node::start_with(1, SnapshotInterval::EVERY_UNIT)? };
    people::sign_up(&story).await?;
    people::profiles_and_data(&story).await?;
    encryption::keys(&story).await?;
    encryption::backups(&story).await?;
    rooms::talk(&story).await?;
    rooms::devices_talk(&story).await?;
    people::part(&story).await?;
    story.engine()?.carry_out_effects().await?;
    // No command starts an epoch of one-time keys: taking an export in does.
    let epoch = ("user:@bob:h", "keys.epoch_started", r#"{"user_id":"@bob:h"}"#);
    story.node.append_raw(&[epoch])?;
    Ok(story)
}

impl Story {
    pub(crate) fn engine(&self) -> Result<&Engine> {
        self.node.engine()
    }

    /// A second goes by, and a command is carried out.
    pub(crate) async fn does<C: Command<On: HasLanes>>(&self, command: C) -> Result<C::Reply> {
        self.wait_ms(1_000);
        let what = std::any::type_name::<C>();
        let reply = self.engine()?.submit(command).await.with_context(|| what.to_owned())?;
        let check = self.check_snapshots()?;
        ensure!(check.different.is_empty() && check.passed_over == 0, "after {what}: {check:?}");
        Ok(reply)
    }

    /// Starts every lane from its snapshot and from the beginning.
    pub(crate) fn check_snapshots(&self) -> Result<SnapshotCheck> {
        self.node.check_snapshots()
    }

    pub(crate) fn wait_ms(&self, ms: u64) {
        self.node.clock.advance(ms);
    }
}

/// The id of somebody on this server.
pub(crate) fn user(name: &str) -> Result<OwnedUserId> {
    Ok(OwnedUserId::try_from(format!("@{name}:h"))?)
}

/// A value as a client sends it.
pub(crate) fn raw(value: &Value) -> Result<Box<RawValue>> {
    Ok(serde_json::value::to_raw_value(value)?)
}
