//! The one server that a soak or a heavy person is put on.

use anyhow::Result;

use crate::{connection::Target, process::Process};

/// Which one, on the command line.
#[derive(clap::Args)]
pub(crate) struct ServerArguments {
    /// Base URL of a server with open registration, such as http://127.0.0.1:8008
    #[arg(long)]
    url: String,
    /// Its process id
    #[arg(long)]
    server_pid: u32,
}

impl ServerArguments {
    /// Where it listens, and its process.
    ///
    /// # Errors
    /// That is no such URL, or there is no such process.
    pub(crate) fn find(&self) -> Result<(Target, Process)> {
        Ok((Target::parse(&self.url)?, Process::new(self.server_pid)?))
    }
}
