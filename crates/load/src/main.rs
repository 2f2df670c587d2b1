//! `load`: direct-message load on any Matrix server, measured from outside.
//!
//! It speaks the client-server API over plain HTTP and knows nothing of Hearth, so that servers can be compared in one run.
//! It is no conformance test: it stops at the first answer it did not expect. One thread does everything, because the
//! load shares the machine with the server it measures.

mod address;
mod connection;
mod conversation;
mod heavy;
mod idle;
mod phase;
mod process;
mod report;
mod server;
mod setup;
mod soak;
mod talk;
mod tally;

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, Subcommand};

use crate::{connection::Target, phase::Pace, process::Process, report::Report};

/// Puts a direct-message load on Matrix servers and reports what it cost them.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Program {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    load: Arguments,
}

#[derive(Subcommand)]
enum Other {
    /// Attacks a server from many addresses of this machine while people talk, and says whether they noticed
    Soak(soak::Arguments),
    /// Measures two people before and beside somebody with as much as anybody may have, who uses all of it
    Heavy(heavy::Arguments),
}

#[derive(clap::Args)]
struct Arguments {
    /// Base URL of a server with open registration and no rate limits, such as http://127.0.0.1:8008. Repeat it to compare servers.
    #[arg(long = "url", required = true)]
    urls: Vec<String>,
    /// Process id of each server, in the order of the URLs, for its CPU time and memory.
    #[arg(long = "server-pid")]
    server_pids: Vec<u32>,
    /// Direct conversations, each with one sender and one long-polling receiver.
    #[arg(long, default_value_t = 20)]
    conversations: usize,
    /// Length of the `ciphertext` field of each message, in bytes.
    #[arg(long, default_value_t = 800)]
    body_bytes: usize,
    /// Length of each measured phase.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Load before the measured phase, not counted.
    #[arg(long, default_value_t = 3)]
    warmup_seconds: u64,
    /// Adds a second phase that sends this many messages a second in total, timed from when each was due.
    #[arg(long)]
    rate: Option<u32>,
    /// Adds a first phase with this many polls waiting for nothing, to see what each costs in memory.
    #[arg(long, default_value_t = 0)]
    idle_polls: usize,
}

fn main() -> ExitCode {
    let result =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime").and_then(|runtime| {
            match Program::parse() {
                Program { other: Some(Other::Soak(arguments)), .. } => runtime.block_on(soak::run(&arguments)),
                Program { other: Some(Other::Heavy(arguments)), .. } => runtime.block_on(heavy::run(&arguments)),
                Program { load, .. } => runtime.block_on(run(&load)),
            }
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    ensure!((1..=1000).contains(&arguments.conversations), "--conversations is 1 to 1000");
    ensure!((conversation::MARKER_BYTES..=40_000).contains(&arguments.body_bytes), "--body-bytes is 32 to 40000");
    ensure!((1..=3600).contains(&arguments.seconds), "--seconds is 1 to 3600");
    ensure!(arguments.rate != Some(0), "--rate is at least 1");
    let pids = &arguments.server_pids;
    ensure!(pids.is_empty() || pids.len() == arguments.urls.len(), "one --server-pid for each --url, or none");
    process::raise_open_file_limit();
    let mut reports = Vec::new();
    for (index, url) in arguments.urls.iter().enumerate() {
        let report = measure(arguments, url, pids.get(index).copied()).await.with_context(|| url.clone())?;
        report.print();
        reports.push(report);
    }
    report::print_json(&reports)
}

/// One server, all phases.
async fn measure(arguments: &Arguments, url: &str, pid: Option<u32>) -> Result<Report> {
    let target = Target::parse(url)?;
    let process = pid.map(Process::new).transpose()?;
    let resident_at_start_kib = process.as_ref().map(Process::resident_kib).transpose()?;
    let conversations = setup::conversations(&target, arguments.conversations).await?;
    let body_bytes = arguments.body_bytes;
    let measured = Duration::from_secs(arguments.seconds);

    // Before any load: memory that was used and given back would hide what the polls take.
    let idle = match (arguments.idle_polls, &process) {
        (0, _) => None,
        (polls, process) => Some(idle::measure(&target, &conversations, polls, process.as_ref()).await?),
    };
    let warmup = Duration::from_secs(arguments.warmup_seconds);
    let mut paces = vec![Pace::Closed];
    paces.extend(arguments.rate.map(Pace::Rate));
    let mut phases = Vec::new();
    for pace in paces {
        let run = phase::Run { target: &target, conversations: &conversations, body_bytes, process: process.as_ref() };
        phases.push(run.measure(pace, warmup, measured).await?);
    }
    Ok(Report { url: url.to_owned(), conversations: conversations.len(), body_bytes, resident_at_start_kib, phases, idle })
}
