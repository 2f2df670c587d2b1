//! A seeded simulation of several clients over a log whose power goes: torn batches, crashes before the sync and after it,
//! a full disk, rows that are lost. After each crash and at the end nothing that was acknowledged may be missing or
//! there twice, the log must verify, and folding it anew must give the live rows.
//!
//! A seed decides what clients do and what fails when; only how many commands share one append is left to threads.
//! `HEARTH_SIM_SEEDS` sets how many seeds run, `HEARTH_SIM_FIRST_SEED` the first one.

#[path = "simulation/check.rs"]
mod check;
#[path = "simulation/clients.rs"]
mod clients;
#[path = "simulation/ledger.rs"]
mod ledger;
#[path = "simulation/world.rs"]
mod world;

use anyhow::{Context, Result};

const SEEDS: u64 = 20;

fn number(name: &str, default: u64) -> Result<u64> {
    match std::env::var(name) {
        Ok(text) => text.parse().with_context(|| format!("{name} is not a number")),
        Err(_) => Ok(default),
    }
}

#[test]
fn simulation_of_clients_over_a_faulty_log() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let first = number("HEARTH_SIM_FIRST_SEED", 0)?;
    for seed in first..first + number("HEARTH_SIM_SEEDS", SEEDS)? {
        runtime
            .block_on(world::run(seed))
            .with_context(|| format!("seed {seed} (HEARTH_SIM_FIRST_SEED={seed} HEARTH_SIM_SEEDS=1)"))?;
    }
    Ok(())
}
