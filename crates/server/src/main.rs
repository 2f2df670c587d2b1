//! The binary `hearth`: wires the parts together. No rule of the protocol is in here.

mod backup_place;
mod blobs;
mod certificates;
mod cli;
mod command;
mod console;
mod data_folder;
mod doctor;
mod exchange;
mod mail_settings;
mod memory;
mod processor;
mod push;
mod secret_file;
mod serve;
mod settings;
mod stun;
mod telemetry;

use std::process::ExitCode;

use clap::Parser;

/// The allocator of the whole process, RocksDB included. Its settings stand in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match processor::check().and_then(|()| command::run(cli)) {
        Ok(code) => code,
        Err(error) => {
            console::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
