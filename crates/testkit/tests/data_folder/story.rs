//! A story in which every kind of fact happens: three people, their devices and their rooms.

use anyhow::{Context, Result};
use domain::{Command, Fact, Stream, room::PduAdded};
use engine::Engine;
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
    let mut story = Story { node: Node::start(1)? };
    people::sign_up(&story).await?;
    people::profiles_and_data(&story).await?;
    encryption::keys(&story).await?;
    encryption::backups(&story).await?;
    rooms::talk(&story).await?;
    rooms::devices_talk(&story).await?;
    people::part(&story).await?;
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
    pub(crate) async fn does<C: Command>(&self, stream: Stream, command: C) -> Result<C::Reply> {
        self.wait_ms(1_000);
        let what = std::any::type_name::<C>();
        self.engine()?.submit(stream, command).await.with_context(|| what.to_owned())
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
