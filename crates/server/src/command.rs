//! The subcommands.

#[cfg(unix)]
mod ago;
mod backup;
mod config;
mod export;
mod import;
#[cfg(unix)]
mod invite;
mod ledger;
#[cfg(unix)]
mod operator;
mod progress;
mod prove;
mod record_lines;
mod replay;
mod reports;
mod restore;
mod rotate_key;
mod show;
mod stat;
mod tail;
mod unreadable;
#[cfg(unix)]
mod user;
mod verify;
mod verify_receipt;

#[cfg(unix)]
pub(crate) use ago::duration;

use std::process::ExitCode;

use anyhow::Result;

pub(crate) use self::backup::Outcome as BackupOutcome;
pub(crate) use self::restore::Outcome as RestoreOutcome;
pub(crate) use self::verify::Line as VerifyLine;

use crate::{
    cli::{Cli, Command, LogCommand},
    doctor, serve,
};

/// Runs a subcommand.
pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Serve(args) => serve::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Log(command) => run_log(command),
        Command::Doctor(args) => doctor::run(&args),
        Command::Config(command) => config::run(&command).map(|()| ExitCode::SUCCESS),
        Command::Backup(args) => backup::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Restore(args) => restore::run(&args).map(|()| ExitCode::SUCCESS),
        #[cfg(unix)]
        Command::Invite(command) => invite::run(command).map(|()| ExitCode::SUCCESS),
        #[cfg(unix)]
        Command::User(command) => user::run(command).map(|()| ExitCode::SUCCESS),
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
        LogCommand::Reports(args) => reports::run(&args).map(|()| ExitCode::SUCCESS),
        LogCommand::Ledger(args) => ledger::run(&args).map(|()| ExitCode::SUCCESS),
        LogCommand::Tail(args) => tail::run(&args).map(|()| ExitCode::SUCCESS),
        LogCommand::VerifyReceipt(args) => verify_receipt::run(&args),
        LogCommand::Prove(args) => prove::run(&args).map(|()| ExitCode::SUCCESS),
        LogCommand::RotateKey(args) => rotate_key::run(&args).map(|()| ExitCode::SUCCESS),
    }
}
