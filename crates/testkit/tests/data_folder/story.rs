//! How a story goes on: command by command, with time between. What happens in it is not here.

use anyhow::{Context, Result, ensure};
use domain::Command;
use engine::{Engine, HasLanes, SnapshotCheck, SnapshotInterval};
use event_log::TreeKeeper;
use ruma::OwnedUserId;
use serde_json::{Value, value::RawValue};
use testkit::Node;

/// The server, and how the story goes on.
pub(crate) struct Story {
    node: Node,
}

impl Story {
    /// An empty server.
    pub(crate) fn begin() -> Result<Self> {
        Ok(Self { node: Node::start_with(1, SnapshotInterval::EVERY_UNIT)? })
    }

    pub(crate) fn engine(&self) -> Result<&Engine> {
        self.node.engine()
    }

    pub(crate) fn tree(&self) -> Result<&TreeKeeper> {
        self.node.tree()
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

    /// A fact that no command makes.
    pub(crate) fn happens(&mut self, stream: &str, kind: &str, payload: &str) -> Result<()> {
        self.node.append_raw(&[(stream, kind, payload)])
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
