//! What was redacted is in no snapshot either, whatever happens in between.

use std::ops::ControlFlow;

use anyhow::{Result, ensure};
use engine::SnapshotInterval;
use projection::{Order, StreamSnapshot};
use testkit::{Remedy, RowStore};

use crate::house::House;

const MARKER: &str = "nobody-is-to-read-this";

/// Whether any row, of views or beside them, holds the marker.
fn is_somewhere(rows: &dyn RowStore) -> Result<bool> {
    let mut is_found = false;
    rows.snapshot().scan(&[0], &[u8::MAX], Order::Ascending, &mut |_, value| {
        is_found |= value.windows(MARKER.len()).any(|window| window == MARKER.as_bytes());
        ControlFlow::Continue(())
    })?;
    Ok(is_found)
}

/// A room with the marker in its topic and in its snapshot.
async fn house(interval: SnapshotInterval) -> Result<(House, ruma::OwnedEventId)> {
    let house = House::build(1, interval).await?;
    let topic = house.set_topic(MARKER).await?;
    for id in 0..9 {
        house.send(&id.to_string()).await?;
    }
    let kept = StreamSnapshot::of(&*house.node.rows.snapshot(), &house.stream())?;
    ensure!(kept.is_some_and(|kept| String::from_utf8_lossy(&kept.state).contains(MARKER)), "it is in no snapshot");
    Ok((house, topic))
}

#[tokio::test]
async fn a_redaction_replaces_the_snapshot_before_it_is_due() -> Result<()> {
    let (house, topic) = house(SnapshotInterval::every(8)).await?;
    house.redact(topic).await?;
    ensure!(!is_somewhere(&house.node.rows)?, "a row still has what was redacted");
    let check = house.node.check_snapshots()?;
    ensure!(check.used == 1 && check.different.is_empty(), "the room has no snapshot any more: {check:?}");
    Ok(())
}

#[tokio::test]
async fn rows_from_before_a_redaction_lose_the_snapshot_as_they_catch_up() -> Result<()> {
    let (mut house, topic) = house(SnapshotInterval::every(8)).await?;
    house.node.rows.flush()?;
    house.redact(topic).await?;
    // The rows go back to what was flushed, and the log is folded from there.
    house.node.rows.refuse(1, Remedy::Reopen);
    house.send("next").await?;
    ensure!(!is_somewhere(&house.node.rows)?, "a row still has what was redacted");
    house.node.crash(false)?;
    ensure!(!is_somewhere(&house.node.rows)?, "a row still has what was redacted, after a restart");
    house.send("last").await?;
    Ok(())
}
