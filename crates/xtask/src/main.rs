//! `cargo xtask`: every developer command of Hearth behind one door.
//!
//! It imports no other crate of the workspace, so that it compiles in seconds on a machine that has nothing but Rust.
//! Whatever it needs beyond that it installs itself, saying what and why. It is not part of the product.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

mod cargo;
mod client_driver;
mod command;
mod compile;
mod docker;
mod hash;
mod jobs;
mod lint;
mod lock;
mod native_cargo;
mod needs;
mod packages;
mod paths;
mod process;
mod repository;
mod rocksdb;
mod server;
mod targets;
mod ui;
mod web;

/// How every command begins.
const NAME: &str = "cargo xtask";

/// The command line.
#[derive(Debug, Parser)]
#[command(name = NAME, about = "Developer commands of Hearth", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build the server with the web client inside and start it on http://localhost:8008
    Run(command::run::Options),
    /// Build the server with the web client inside; the last line is the binary's path
    Build(command::build::Arguments),
    /// Everything CI runs, or only the named stages
    Test(command::test::Options),
    /// The same as `test`
    Ci(command::test::Options),
    /// Format every Rust file, or with --check prove that they are formatted
    Format(command::format::Options),
    /// Check the import table, module circles, file shapes, what the documentation names, and lock files
    Tidy,
    /// Have git check format and tidy before each commit, or with --remove no longer
    Hook(command::hook::Options),
    /// Write the generated files, or with --check prove that they are fresh
    Generate(command::generate::Options),
    /// Build the web client into web-client/dist
    Web(command::web::Options),
    /// Compile RocksDB, which is done once a machine
    Rocksdb,
    /// Benchmarks: criterion, then a message load on a running server
    Bench(command::bench::Options),
    /// A server with little memory is attacked while people talk
    Soak(command::soak::Options),
    /// The seeded simulation of clients over a faulty log
    Sim(command::sim::Options),
    /// Fuzz what people send and what a disk gives back, by libFuzzer
    Fuzz(command::fuzz::Options),
    /// Everything that a release consists of, into dist/: binary, image, licences, bill of materials, checksums
    Release(command::release::Options),
    /// Write the repository without its code: what dependencies are compiled from, for the image
    Skeleton(command::skeleton::Options),
    /// `docker compose up` with this repository's own files, and a conversation that survives it
    ComposeTest(command::compose::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Task::Run(options) => command::run::run(&options),
        Task::Build(arguments) => command::build::run(&arguments),
        Task::Test(options) | Task::Ci(options) => command::test::run(&options, judge),
        Task::Format(options) => command::format::run(&options),
        Task::Tidy => command::tidy::run(judge),
        Task::Hook(options) => command::hook::run(&options),
        Task::Generate(options) => command::generate::run(&options),
        Task::Web(options) => command::web::run(&options),
        Task::Rocksdb => command::rocksdb::run(),
        Task::Bench(options) => command::bench::run(&options),
        Task::Soak(options) => command::soak::run(&options),
        Task::Sim(options) => command::sim::run(&options),
        Task::Fuzz(options) => command::fuzz::run(&options),
        Task::Release(options) => command::release::run(&options),
        Task::Skeleton(options) => command::skeleton::run(&options),
        Task::ComposeTest(options) => command::compose::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ui::failure(&error);
            ExitCode::FAILURE
        }
    }
}

/// What is wrong with a command line, given the words behind [`NAME`]; nothing when it is taken. It runs nothing.
fn judge(words: &[&str]) -> Option<String> {
    match Arguments::try_parse_from([NAME].iter().chain(words)) {
        Ok(Arguments { command: Task::Test(options) | Task::Ci(options) }) => {
            Some(command::test::check(&options).err()?.to_string())
        }
        Ok(_) => None,
        Err(error) if error.kind() == ErrorKind::DisplayHelp => None,
        Err(error) => Some(error.to_string().lines().next().unwrap_or_default().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    #[test]
    fn every_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
