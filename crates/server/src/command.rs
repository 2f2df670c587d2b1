//! The subcommands.

mod export;
mod import;
mod progress;
mod prove;
mod replay;
mod rotate_key;
mod show;
mod stat;
mod tail;
mod unreadable;
mod verify;

use std::{io::Write, process::ExitCode};

use anyhow::Result;

use crate::{
    cli::{Cli, Command, LogCommand},
    serve,
};

/// Runs a subcommand.
pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Serve(args) => serve::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Log(command) => run_log(command),
        Command::ConfigExample => {
            say(config::example_toml().trim_end())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn run_log(command: LogCommand) -> Result<ExitCode> {
    match command {
        LogCommand::Export(args) => export::run(&args).map(|()| ExitCode::SUCCESS),
        LogCommand::Verify(args) => verify::run(&args),
        LogCommand::Import(args) => import::run(&args).map(|()| ExitCode::SUCCESS),
        LogCommand::Replay(args) => replay::run(&args),
        LogCommand::Stat(args) => stat::run(&args).map(|()| ExitCode::SUCCESS),
        LogCommand::Show(args) => show::run(&args).map(|()| ExitCode::SUCCESS),
        LogCommand::Tail(args) => tail::run(&args).map(|()| ExitCode::SUCCESS),
        LogCommand::Prove(args) => prove::run(&args).map(|()| ExitCode::SUCCESS),
        LogCommand::RotateKey(args) => rotate_key::run(&args).map(|()| ExitCode::SUCCESS),
    }
}

/// Prints a line for the caller. An output that nobody reads any more is an error like any other.
pub(crate) fn say(line: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}

/// Prints an error.
pub(crate) fn complain(line: &str) {
    // There is nowhere left to say that standard error is gone.
    let _gone = writeln!(std::io::stderr().lock(), "hearth: {line}");
}
