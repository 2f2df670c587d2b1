//! How a story goes on: command by command, with time between. What happens in it is not here.

use anyhow::{Context, Result};
use domain::{Command, Fact, Stream, room::PduAdded};
use engine::Engine;
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
        Ok(Self { node: Node::start(1)? })
    }

    pub(crate) fn engine(&self) -> Result<&Engine> {
        self.node.engine()
    }

    /// A second goes by, and a command is carried out.
    pub(crate) async fn does<C: Command>(&self, stream: Stream, command: C) -> Result<C::Reply> {
        self.wait_ms(1_000);
        let what = std::any::type_name::<C>();
        self.engine()?.submit(stream, command).await.with_context(|| what.to_owned())
    }

    /// A fact that no command makes.
    pub(crate) fn happens(&mut self, stream: &str, kind: &str, payload: &str) -> Result<()> {
        self.node.append_raw(&[(stream, kind, payload)])
    }

    pub(crate) fn wait_ms(&self, ms: u64) {
        self.node.clock.advance(ms);
    }

    /// The message that was sent last, and where it is in the log.
    pub(crate) fn newest_message(&self) -> Result<(u64, PduAdded)> {
        let position = self.engine()?.log().head().0;
        match self.engine()?.fact_at(position)? {
            Some(Fact::PduAdded(added)) => Ok((position, added)),
            _ => anyhow::bail!("the newest record is no message"),
        }
    }
}

/// The id of somebody on this server.
pub(crate) fn user(name: &str) -> Result<OwnedUserId> {
    Ok(OwnedUserId::try_from(format!("@{name}:h"))?)
}

/// The lane of somebody.
pub(crate) fn lane(name: &str) -> Result<Stream> {
    Ok(Stream::User(user(name)?))
}

/// A value as a client sends it.
pub(crate) fn raw(value: &Value) -> Result<Box<RawValue>> {
    Ok(serde_json::value::to_raw_value(value)?)
}
