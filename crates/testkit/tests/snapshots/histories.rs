//! Replay equality of lanes: after every step of a random history each lane starts from its snapshot in the very state that
//! folding from the beginning gives, although the log has lost payloads that the snapshot has seen.

use anyhow::{Context, Result, ensure};
use domain::room::{EndExpiries, SetExpiry};
use engine::SnapshotInterval;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use ruma::OwnedEventId;
use testkit::{Remedy, RowStore};

use crate::house::House;

const SEEDS: u64 = 12;
const STEPS: usize = 80;

#[test]
fn lanes_start_from_snapshots_in_the_state_that_the_whole_log_gives() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    for seed in 0..SEEDS {
        let interval = [SnapshotInterval::EVERY_UNIT, SnapshotInterval::every(4), SnapshotInterval::every(15)];
        let interval = interval[usize::try_from(seed)? % 3];
        runtime.block_on(run(seed, interval)).with_context(|| format!("seed {seed}, {interval:?}"))?;
    }
    Ok(())
}

async fn run(seed: u64, interval: SnapshotInterval) -> Result<()> {
    let mut house = House::build(seed, interval).await?;
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    // Events, and the id under which a message was sent.
    let mut sent: Vec<(OwnedEventId, Option<String>)> = Vec::new();
    for step in 0..STEPS {
        act(&mut house, &mut random, &mut sent, step).await.with_context(|| format!("step {step}"))?;
        let check = house.node.check_snapshots()?;
        ensure!(check.different.is_empty() && check.passed_over == 0, "after step {step}: {check:?}");
    }
    let check = house.node.check_snapshots()?;
    ensure!(check.used > 0, "no lane ever wrote a snapshot");
    let difference = house.node.replay_difference()?;
    ensure!(difference.is_none(), "folding the log anew gives other rows: {difference:?}");
    Ok(())
}

async fn act(
    house: &mut House,
    random: &mut ChaCha20Rng,
    sent: &mut Vec<(OwnedEventId, Option<String>)>,
    step: usize,
) -> Result<()> {
    let any = sent.get(random.random_range(0..sent.len().max(1))).cloned();
    match (random.random_range(0..100), any) {
        (0..40, _) | (_, None) => {
            let id = format!("t{step}");
            sent.push((house.send(&id).await?, Some(id)));
        }
        (40..55, _) => sent.push((house.set_topic(&format!("topic {step}")).await?, None)),
        (55..70, Some((event_id, _))) => sent.push((house.redact(event_id).await?, None)),
        (70..78, Some((event_id, Some(_)))) => {
            let (room_id, sender) = (house.room_id.clone(), house.alice.clone());
            // What was redacted has no moment.
            let _refused = house.does(SetExpiry { room_id, sender, event_id, expires_after_ms: 5_000 }).await;
        }
        (78..84, _) => drop(house.does(EndExpiries { room_id: house.room_id.clone() }).await?),
        (84..92, Some((event_id, Some(id)))) => {
            ensure!(house.send(&id).await? == event_id, "a repeated request made another event");
        }
        (92..94, _) => house.node.rows.flush()?,
        (94..96, _) => house.node.rows.refuse(1, Remedy::Reopen),
        (96..100, _) => {
            house.node.crash(random.random_bool(0.3))?;
        }
        _ => {}
    }
    Ok(())
}
