//! The heavy person: somebody with as many rooms, devices and as much account data as a server lets anybody have, who uses all of it at
//! once. Two bystanders talk before it and beside it, and must not notice.
//!
//! What the heavy person does runs on a thread of its own, which stands back: it would run on other people's machines.

mod acts;
mod bystanders;
mod figures;
mod keys;
mod person;

use std::{
    ops::Range,
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{
    connection::Target,
    process::{self, Process},
    server::ServerArguments,
    talk::DRAIN,
    tally::Tally,
};

use bystanders::Bystanders;
use figures::Figures;
use person::{Belongings, Person};

/// What is told on the command line.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    server: ServerArguments,
    #[command(flatten)]
    belongings: Belongings,
    /// How long the bystanders talk before, and how long beside it
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Only these acts, by name; all of them otherwise
    #[arg(long = "act", value_enum)]
    acts: Vec<acts::Act>,
}

/// Sets the heavy person up, measures the bystanders without and with them, and fails when they noticed.
///
/// # Errors
/// Setting up failed, the server is gone, or a figure is not within its bound.
pub(crate) async fn run(arguments: &Arguments) -> Result<()> {
    arguments.belongings.check()?;
    ensure!((5..=3_600).contains(&arguments.seconds), "--seconds is 5 to 3600");
    process::raise_open_file_limit();
    let (target, server) = arguments.server.find()?;
    let set_up = Instant::now();
    let person = Person::set_up(&target, &arguments.belongings).await?;
    let set_up = set_up.elapsed();

    let began = Instant::now();
    let bystanders = Bystanders::new(&target, began).await?;
    let measured = Duration::from_secs(arguments.seconds);
    let calm = Instant::now()..Instant::now() + measured;
    // Whoever connects does so before it counts.
    let busy = calm.end + DRAIN..calm.end + DRAIN + measured;
    let tally = Tally::default();
    let acting = act(arguments, &target, person, &tally, calm.end..busy.end)?;
    let (_, cpu) = tokio::try_join!(bystanders.go_on(&target, busy.end + DRAIN), cpu(&server, [&calm, &busy]))?;
    match acting.join() {
        Ok(outcome) => outcome?,
        Err(_) => bail!("the heavy person panicked"),
    }
    let acted = busy.end - calm.end;
    let figures = Figures::new(bystanders, began, [calm, busy], cpu, set_up, server.resident_kib()?);
    figures.print(&acts::lines(&tally, &arguments.acts, acted));
    figures.judge()
}

/// Starts the heavy person's thread, which ends by itself.
fn act(
    arguments: &Arguments,
    target: &Target,
    person: Person,
    tally: &Tally,
    during: Range<Instant>,
) -> Result<JoinHandle<Result<()>>> {
    let (target, tally, chosen) = (target.clone(), tally.clone(), arguments.acts.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let run = move || {
        process::stand_back()?;
        runtime.block_on(async {
            sleep_until(during.start).await;
            // They end only by failing.
            match timeout_at(during.end, acts::all(&target, &person, &tally, &chosen)).await {
                Ok(failed) => failed,
                Err(_over) => Ok(()),
            }
        })
    };
    thread::Builder::new().name("heavy".to_owned()).spawn(run).context("no thread")
}

/// Processor time of the server in each of the phases.
async fn cpu(server: &Process, phases: [&Range<Instant>; 2]) -> Result<[Duration; 2]> {
    let mut spent = [Duration::ZERO; 2];
    for (phase, spent) in phases.into_iter().zip(&mut spent) {
        sleep_until(phase.start).await;
        let before = server.cpu().context("the server is gone")?;
        sleep_until(phase.end).await;
        *spent = server.cpu().context("the server is gone")?.saturating_sub(before);
    }
    Ok(spent)
}
