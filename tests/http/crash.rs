//! kill -9 at random moments under load: what was acknowledged is there once, what was erased is gone, what spans rooms is
//! done in all of them or in none, and folding the log anew gives the same rows.
//!
//! `HEARTH_CRASH_SEED` sets the moments, `HEARTH_CRASH_ROUNDS` how many of them.

mod closing;
mod rename;
mod scene;
mod told;
mod traffic;
mod upgrade;
mod upheaval;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use blackbox::Server;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use scene::Scene;
use told::Told;
use traffic::Traffic;
use upheaval::{History, Upheaval};

const ROUNDS: u64 = 200;
/// Servers that are killed side by side, each for a part of the rounds: most of a start is waiting.
const SERVERS: u64 = 2;
/// A server lives this long under load, in milliseconds, before it is killed.
const LIFE_MS: std::ops::Range<u64> = 5..120;
/// How often it is killed again as soon as it has started, while it does what the last kill left undone.
const KILLED_TWICE: f64 = 0.15;
/// The log is folded anew after so many rounds, and at the end.
const CHECK_EVERY: u64 = 25;

#[test]
fn what_was_acknowledged_survives_kill_9() -> Result<()> {
    let seed = number("HEARTH_CRASH_SEED")?.unwrap_or_else(rand::random);
    let rounds = number("HEARTH_CRASH_ROUNDS")?.unwrap_or(ROUNDS);
    std::thread::scope(|scope| {
        let runs = (0..SERVERS).map(|server| scope.spawn(move || run_alone(seed.wrapping_add(server), rounds / SERVERS)));
        // All are started before the first is waited for.
        let runs: Vec<_> = runs.collect();
        runs.into_iter().try_for_each(|run| match run.join() {
            Ok(outcome) => outcome.with_context(|| format!("HEARTH_CRASH_SEED={seed}")),
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

fn run_alone(seed: u64, rounds: u64) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(seed, rounds))
}

fn number(name: &str) -> Result<Option<u64>> {
    std::env::var(name).ok().map(|text| text.parse().with_context(|| format!("{name} is not a number"))).transpose()
}

async fn run(seed: u64, rounds: u64) -> Result<()> {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let mut server = Server::start(&[])?;
    let mut scene = Scene::set(&server).await?;
    let (mut told, mut history) = (Told::default(), History::of(&scene).await?);
    for round in 0..rounds {
        scene = play(&mut server, scene, round, &mut random, &mut told, &mut history)
            .await
            .with_context(|| format!("round {round}"))?;
        if (round + 1) % CHECK_EVERY == 0 {
            scene = check(&mut server, scene, &told).await.with_context(|| format!("after round {round}"))?;
        }
    }
    scene = check(&mut server, scene, &told).await.context("at the end")?;
    told.check_inbox(&scene).await?;
    ensure!(told.acknowledged() as u64 > rounds, "too little load: {} messages", told.acknowledged());
    Ok(())
}

/// One round: load, a kill, and what clients find after the restart.
async fn play(
    server: &mut Server,
    scene: Scene,
    round: u64,
    random: &mut ChaCha20Rng,
    told: &mut Told,
    history: &mut History,
) -> Result<Scene> {
    scene.upload_keys(round).await?;
    let upheaval = Upheaval::prepare(server, &scene, round, random, history).await?;
    let life = Duration::from_millis(random.random_range(LIFE_MS));
    let begin = life.mul_f64(random.random_range(0.0..1.0));
    let traffic = Traffic::start(&scene, round);
    let under_way = tokio::spawn(upheaval.clone().happen(begin));
    tokio::time::sleep(life).await;
    server.kill()?;
    let unanswered = traffic.end(told).await?;
    let answer = under_way.await??;
    server.restart()?;
    if random.random_bool(KILLED_TWICE) {
        server.restart()?;
    }
    let scene = scene.reconnected();
    for request in unanswered {
        ensure!(request.send(&scene, told).await?, "{request:?} again has no answer");
    }
    if let Some(request) = told.newest_message(round) {
        // Repeated after it was acknowledged: the same event, not another one. One of this round, as a client would: a
        // room remembers a bounded number of transactions.
        ensure!(request.send(&scene, told).await?, "{request:?} again has no answer");
    }
    upheaval.check(server, &scene, answer, history).await?;
    Ok(scene)
}

/// What was told is so, the log verifies, and it gives the live rows, also after a kill.
async fn check(server: &mut Server, scene: Scene, told: &Told) -> Result<Scene> {
    told.check_room(&scene).await?;
    server.kill()?;
    server.command(&["log", "verify"])?;
    server.command(&["log", "replay", "--check"])?;
    told.check_erased(&server.command(&["log", "export"])?)?;
    server.restart()?;
    // An orderly stop writes the rows out: the starts of the next rounds fold only what came after it.
    server.stop()?;
    server.restart()?;
    Ok(scene.reconnected())
}
