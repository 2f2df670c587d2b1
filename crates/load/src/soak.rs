//! The soak: people talk while a server is attacked in every way that costs an attacker little, and must not notice.
//!
//! Attackers and people come from addresses of their own, as they would from a network. Attacks run on a thread of their own, so that
//! the times of messages are the server's and not the attackers'.

mod attack;
mod figures;

use std::{
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::try_join_all;
use tokio::time::{Instant, sleep, sleep_until};

use crate::{
    address::address,
    connection::Target,
    process::{self, Process},
    server::ServerArguments,
    setup::{self, User, run_name},
    soak::{
        attack::Attack,
        figures::{Answers, Figures, Memory},
    },
    talk::Talk,
    tally::Tally,
};

/// Between two messages of one person.
const EVERY: Duration = Duration::from_secs(1);
/// How often memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Sessions that attackers have. Accounts are cheap, where registration is open.
const ATTACKERS: u32 = 6;

/// What a soak is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    server: ServerArguments,
    /// How long it is attacked
    #[arg(long, default_value_t = 30)]
    minutes: u64,
    /// How long people talk before anybody attacks, so that what memory they need is known
    #[arg(long, default_value_t = 60)]
    calm_seconds: u64,
    /// How long after the attacks memory has to be back; people talk on meanwhile
    #[arg(long, default_value_t = 120)]
    rest_seconds: u64,
    /// Conversations of two people, who both send and both long-poll
    #[arg(long, default_value_t = 10)]
    conversations: u32,
    /// Only these attacks, by name; all of them otherwise
    #[arg(long = "attack", value_enum)]
    attacks: Vec<Attack>,
}

/// Runs the soak, prints its figures, and fails when the people noticed.
///
/// # Errors
/// Setting up failed, the server is gone, or a figure is not within its bound.
pub(crate) async fn run(arguments: &Arguments) -> Result<()> {
    ensure!((1..=24 * 60).contains(&arguments.minutes), "--minutes is 1 to 1440");
    ensure!((10..=3_600).contains(&arguments.calm_seconds), "--calm-seconds is 10 to 3600");
    ensure!((20..=3_600).contains(&arguments.rest_seconds), "--rest-seconds is 20 to 3600");
    ensure!((1..=100).contains(&arguments.conversations), "--conversations is 1 to 100");
    process::raise_open_file_limit();
    let (target, server) = arguments.server.find()?;
    let began = Instant::now();
    let talks = talks(&target, arguments.conversations, began).await?;
    let attackers = attackers(&target).await?;

    let start = Instant::now() + Duration::from_secs(arguments.calm_seconds);
    let attacked = start..start + Duration::from_secs(60 * arguments.minutes);
    let tally = Tally::default();
    let attacks = attacks(arguments, &target, attackers, &tally, attacked.clone())?;
    let end = attacked.end + Duration::from_secs(arguments.rest_seconds);
    let talking = try_join_all(talks.iter().map(|talk| talk.go_on(&target, EVERY, end)));
    let looking = memory(&server, attacked.clone(), end);
    let (_, memory) = tokio::try_join!(talking, looking)?;
    if attacks.join().is_err() {
        bail!("the attackers failed");
    }
    let figures = Figures::new(talks, began, attacked, memory);
    let answers = Answers { chosen: &arguments.attacks, tally: &tally };
    figures.print(&answers);
    figures.judge(&answers)
}

async fn talks(target: &Target, count: u32, began: Instant) -> Result<Vec<Talk>> {
    let run = run_name();
    let mut talks = Vec::new();
    for number in 0..count {
        let addresses = [address(1, 2 * number), address(1, 2 * number + 1)];
        let mut connections = [target.connect_from(addresses[0]).await?, target.connect_from(addresses[1]).await?];
        let one = setup::register(&mut connections[0], &format!("soak-{run}-{number}-a")).await?;
        let other = setup::register(&mut connections[1], &format!("soak-{run}-{number}-b")).await?;
        let room_id = setup::open_room(&mut connections[0], &one, &other).await?;
        talks.push(Talk::new(room_id, [one.token, other.token], addresses, began));
    }
    Ok(talks)
}

/// People with accounts, and rooms that have much to tell.
async fn attackers(target: &Target) -> Result<Vec<User>> {
    let run = run_name();
    let mut attackers = Vec::new();
    for number in 0..ATTACKERS {
        let mut connection = target.connect_from(address(2, number)).await?;
        let user = setup::register(&mut connection, &format!("soak-{run}-evil-{number}")).await?;
        attack::fill(&mut connection, &user).await?;
        attackers.push(user);
    }
    Ok(attackers)
}

/// Starts the attackers' thread, which ends by itself.
fn attacks(
    arguments: &Arguments,
    target: &Target,
    users: Vec<User>,
    tally: &Tally,
    attacked: std::ops::Range<Instant>,
) -> Result<JoinHandle<()>> {
    let (target, tally, chosen) = (target.clone(), tally.clone(), arguments.attacks.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let run = move || {
        runtime.block_on(async {
            sleep_until(attacked.start).await;
            let all = attack::all(&target, &users, &tally, &chosen);
            // They never end by themselves.
            let _over = tokio::time::timeout_at(attacked.end, all).await;
        });
    };
    thread::Builder::new().name("attackers".to_owned()).spawn(run).context("no thread")
}

/// Looks at the server's memory until the end, and fails when the server is gone.
async fn memory(server: &Process, attacked: std::ops::Range<Instant>, end: Instant) -> Result<Memory> {
    let mut memory = Memory::default();
    while Instant::now() < end {
        let resident_kib = server.resident_kib().context("the server is gone")?;
        let now = Instant::now();
        if now < attacked.start {
            memory.before_kib = resident_kib;
        } else if now < attacked.end {
            memory.peak_kib = memory.peak_kib.max(resident_kib);
        }
        memory.after_kib = resident_kib;
        sleep(LOOK_EVERY).await;
    }
    Ok(memory)
}
