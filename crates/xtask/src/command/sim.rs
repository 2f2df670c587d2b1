//! `cargo xtask sim`: the simulation of several clients over a faulty log, for more seeds than the unit tests take.

use anyhow::Result;

use crate::command::rocksdb;
use crate::{compile, process, ui};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many seeds to run
    #[arg(long, default_value_t = 1000)]
    seeds: u32,
    /// The first seed; a failing run prints the one to start again with
    #[arg(long, default_value_t = 0)]
    first: u64,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    rocksdb::ensure()?;
    ui::step(&format!("simulating {} seeds from {}", options.seeds, options.first));
    let mut tests = compile::native("test")?;
    tests.args(["--test", "simulation", "--", "--nocapture"]);
    tests.env("HEARTH_SIM_SEEDS", options.seeds.to_string());
    tests.env("HEARTH_SIM_FIRST_SEED", options.first.to_string());
    process::run(&mut tests)
}
