//! A snapshot that is not of this log, this code or this stream, or that is damaged, is as good as none.

use anyhow::{Context, Result, ensure};
use engine::SnapshotInterval;
use projection::{Position, RowStore, StreamSnapshot, Writes};

use crate::house::House;

/// What is done to a snapshot's row.
type Harm = fn(&mut StreamSnapshot);

async fn house() -> Result<House> {
    let house = House::build(1, SnapshotInterval::EVERY_UNIT).await?;
    house.set_topic("before").await?;
    Ok(house)
}

fn kept(house: &House) -> Result<StreamSnapshot> {
    StreamSnapshot::of(&*house.node.rows.snapshot(), &house.stream())?.context("the room has a snapshot")
}

/// The write of the row, changed by `harm`.
fn harmed(house: &House, harm: Harm) -> Result<Writes> {
    let (mut snapshot, mut writes) = (kept(house)?, Writes::new());
    harm(&mut snapshot);
    snapshot.put(&mut writes, &house.stream());
    Ok(writes)
}

/// Restarts on rows with these writes; the room must be what it was.
async fn survives(house: &mut House, name: &str, writes: &Writes) -> Result<()> {
    let first = house.send("first").await?;
    house.node.rows.commit(writes)?;
    house.node.crash(false)?;
    ensure!(house.node.check_snapshots()?.passed_over == 1, "{name}: the snapshot was believed");
    ensure!(house.send("first").await? == first, "{name}: the room forgot a transaction");
    house.send(name).await?;
    let check = house.node.check_snapshots()?;
    ensure!(check.passed_over == 0 && check.different.is_empty(), "{name}: no good snapshot came after it: {check:?}");
    Ok(())
}

#[tokio::test]
async fn a_snapshot_that_does_not_fit_is_passed_over() -> Result<()> {
    let harms: [(&str, Harm); 7] = [
        ("an older version", |snapshot| snapshot.version -= 1),
        ("a newer version", |snapshot| snapshot.version += 1),
        ("another log", |snapshot| snapshot.hash[0] ^= 1),
        ("another record", |snapshot| snapshot.position = Position(snapshot.position.0 - 1)),
        ("a longer log", |snapshot| snapshot.position = Position(1_000_000)),
        ("half a state", |snapshot| snapshot.state.truncate(snapshot.state.len() / 2)),
        ("another state", |snapshot| snapshot.state = b"[]".to_vec()),
    ];
    for (name, harm) in harms {
        let mut house = house().await?;
        let writes = harmed(&house, harm)?;
        survives(&mut house, name, &writes).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_torn_row_and_one_of_another_stream_are_passed_over() -> Result<()> {
    let mut torn = house().await?;
    let mut writes = harmed(&torn, |_| {})?;
    writes.values_mut().flatten().for_each(|row| row.truncate(20));
    survives(&mut torn, "a torn row", &writes).await?;

    let mut swapped = house().await?;
    let directory = StreamSnapshot::of(&*swapped.node.rows.snapshot(), "directory")?.context("there is another")?;
    let mut writes = Writes::new();
    directory.put(&mut writes, &swapped.stream());
    survives(&mut swapped, "another stream", &writes).await
}

/// What the tests above rest on: lanes do start from what is kept.
#[tokio::test]
async fn a_snapshot_that_fits_is_believed() -> Result<()> {
    let mut house = house().await?;
    let empty = serde_json::to_vec(&domain::room::RoomState::default())?;
    let (mut snapshot, mut writes) = (kept(&house)?, Writes::new());
    snapshot.state = empty;
    snapshot.put(&mut writes, &house.stream());
    house.node.rows.commit(&writes)?;
    ensure!(house.node.check_snapshots()?.different == [house.stream()]);
    house.node.crash(false)?;
    let refused = house.send("first").await.err().context("a room that was never created takes no message")?;
    ensure!(refused.to_string() == "There is no such room.", "{refused}");
    Ok(())
}
