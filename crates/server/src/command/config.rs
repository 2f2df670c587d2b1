//! `hearth config`: what the settings are, and whether they are good.

use anyhow::Result;

use crate::{cli::ConfigCommand, console::say, memory, settings};

/// Runs a subcommand.
pub(crate) fn run(command: &ConfigCommand) -> Result<()> {
    match command {
        ConfigCommand::Check(file) => {
            let config = settings::load(file)?;
            memory::plan(config.server.memory_bytes)?;
            say("The settings are good.")
        }
        ConfigCommand::Example => say(::config::example_toml().trim_end()),
    }
}
