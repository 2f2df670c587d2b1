//! `cargo xtask test` and `cargo xtask ci`: everything that must hold, in stages, the quick ones first.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::command::tidy::Judge;
use crate::ui;

mod quick;
mod stage;
mod stages;

use stage::Stage;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The stages to run, in their own order; all when none is named. `quick`, alone or followed by crates, runs the tests that
    /// need neither RocksDB nor a server, in the dev profile
    stages: Vec<String>,
    /// List the stages and run nothing
    #[arg(long)]
    list: bool,
}

/// The inner loop, which is no stage: the stages test all of it and more.
const QUICK: &str = "quick";

/// Runs the stages that are asked for; `judge` is for the stage that reads the documentation.
pub(crate) fn run(options: &Options, judge: Judge) -> Result<()> {
    let all = stages::all();
    if options.list {
        for stage in &all {
            ui::output(&format!("{:<9} {}", stage.name, stage.what))?;
        }
        return Ok(());
    }
    if let Some(crates) = quick_crates(options) {
        return quick::run(crates);
    }
    let chosen = choose(&all, &options.stages)?;
    let mut done: Vec<(&str, Duration)> = Vec::new();
    for (index, stage) in chosen.iter().enumerate() {
        ui::step(&format!("[{}/{}] {}: {}", index + 1, chosen.len(), stage.name, stage.what));
        let start = Instant::now();
        let result = (stage.run)(judge);
        let time = start.elapsed();
        if let Err(error) = result {
            summary(&done);
            ui::line(&format!("    {:<9} FAILED after {}", stage.name, ui::seconds(time)));
            for skipped in &chosen[index + 1..] {
                ui::line(&format!("    {:<9} not run", skipped.name));
            }
            return Err(error.context(format!("stage {}", stage.name)));
        }
        done.push((stage.name, time));
    }
    summary(&done);
    Ok(())
}

/// What comes behind `quick`, where that is what is asked for.
fn quick_crates(options: &Options) -> Option<&[String]> {
    options.stages.split_first().filter(|(first, _)| *first == QUICK).map(|(_, crates)| crates)
}

/// Fails when a stage is asked for that there is not, or a crate that is not quick to test.
pub(crate) fn check(options: &Options) -> Result<()> {
    if let Some(crates) = quick_crates(options) {
        return quick::check(crates);
    }
    choose(&stages::all(), &options.stages).map(drop)
}

fn summary(done: &[(&str, Duration)]) {
    ui::step("summary");
    for (name, time) in done {
        ui::line(&format!("    {name:<9} passed in {}", ui::seconds(*time)));
    }
}

/// The named stages in the order of `all`; a name that no stage has is an error, for it would test nothing.
fn choose<'a>(all: &'a [Stage], names: &[String]) -> Result<Vec<&'a Stage>> {
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|stage| stage.name != name.as_str())) {
        let known: Vec<&str> = all.iter().map(|stage| stage.name).collect();
        bail!("there is no stage `{unknown}`; the stages are {}", known.join(", "));
    }
    Ok(all.iter().filter(|stage| names.is_empty() || names.iter().any(|name| name == stage.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::{Stage, choose};

    fn names(asked: &[&str]) -> Option<Vec<&'static str>> {
        let all = ["format", "unit", "http"].map(|name| Stage { name, what: "", run: |_| Ok(()) });
        let asked: Vec<String> = asked.iter().map(|name| (*name).to_owned()).collect();
        choose(&all, &asked).ok().map(|stages| stages.iter().map(|stage| stage.name).collect())
    }

    #[test]
    fn stages_run_in_their_own_order_and_unknown_names_are_refused() {
        assert_eq!(names(&[]), Some(vec!["format", "unit", "http"]));
        assert_eq!(names(&["http", "format"]), Some(vec!["format", "http"]));
        assert_eq!(names(&["http", "clippee"]), None);
    }
}
