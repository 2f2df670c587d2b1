//! `cargo xtask soak`: a server with little memory and few descriptors is attacked while people talk.
//!
//! The attacks and the talk are `load soak`'s, a program of this repository. Here are the server's limits, which only the system can set, and
//! what the system says of them in the end.

mod group;

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::command::{build, rocksdb};
use crate::server::Server;
use crate::{native_cargo, process, targets, ui};

use group::MemoryGroup;

/// Open files of the server: what systems give a process that asks for nothing.
const OPEN_FILES: u32 = 1_024;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How long the server is attacked; two and a half minutes come on top
    #[arg(long, default_value_t = 30)]
    minutes: u32,
    /// MiB of memory that the server may take
    #[arg(long, default_value_t = 256)]
    memory_mib: u64,
    /// A server that is built already, instead of one of this source with the web client inside
    #[arg(long)]
    server: Option<PathBuf>,
    /// Instead of attacks: somebody with 1,000 rooms, 900 devices and 10 MiB of account data, and what others notice of them
    #[arg(long, conflicts_with = "minutes")]
    heavy: bool,
    /// Further arguments for `load soak`, or `load heavy`
    #[arg(last = true)]
    load: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let program = match &options.server {
        Some(program) => program.clone(),
        None => {
            rocksdb::ensure()?;
            build::shipping_server()?
        }
    };
    process::run(&mut native_cargo::build_program("load", targets::Profile::Release)?)?;
    let group = MemoryGroup::new(options.memory_mib << 20)?;
    let server = Server::start_limited(&program, &group.wrap(OPEN_FILES))?;
    let mut tool = process::command(targets::native()?.join("release/load"));
    if options.heavy {
        ui::step(&format!("a heavy person on {} with {} MiB", server.url(), options.memory_mib));
        tool.arg("heavy");
    } else {
        ui::step(&format!("soak of {} minutes on {} with {} MiB", options.minutes, server.url(), options.memory_mib));
        tool.args(["soak", "--minutes", &options.minutes.to_string()]);
    }
    tool.args(["--url", server.url(), "--server-pid", &server.pid().to_string()]).args(&options.load);
    let outcome = process::run(&mut tool);
    let said = group.said(server.pid())?;
    ui::output(&format!("| memory of the control group at its peak | {:.1} MiB |", said.peak_bytes as f64 / 1_048_576.0))?;
    ui::output(&format!("| processes that it ended | {} |", said.ended))?;
    outcome?;
    ensure!(said.ended == 0, "the server was ended for want of memory");
    Ok(())
}
