//! `hearth doctor`: looks at what a server needs, beside one that runs or without one, and says in words what is wrong and what to do
//! about it. It changes nothing.

mod ask;
mod certificate;
mod finding;
mod folder;
mod network;
mod people;
mod public;
mod system;

use std::process::ExitCode;

use anyhow::Result;
use config::Config;

use crate::{cli::Doctor, console::say, data_folder::DataFolder, settings};
use finding::{Finding, Outcome};

/// Looks at everything, prints what was found, and fails when something is broken.
pub(crate) fn run(args: &Doctor) -> Result<ExitCode> {
    let found = match settings::load(&args.settings) {
        Ok(mut config) => {
            if let Some(data) = &args.data {
                config.server.data.clone_from(data);
            }
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(look(&config))
        }
        // The rest is asked for by the settings, so that there is nothing else to look at.
        Err(error) => vec![Finding::fail(
            "settings",
            format!("{error:#}"),
            "Mend that, and ask again; `hearth config example` prints all settings.",
        )],
    };
    if args.json {
        say(&serde_json::to_string_pretty(&found)?)?;
    } else {
        found.iter().try_for_each(|finding| say(&finding.to_string()))?;
    }
    let is_broken = found.iter().any(|finding| finding.outcome == Outcome::Fail);
    Ok(if is_broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn look(config: &Config) -> Vec<Finding> {
    let data = DataFolder::new(&config.server.data);
    let mut found = vec![Finding::ok("settings", "They read, and make sense.")];
    found.extend(folder::look(config, &data));
    found.extend(system::look(config));
    let is_in_use = data.is_in_use();
    found.extend(network::look(config, is_in_use).await);
    found.extend(certificate::look(config, &data, is_in_use));
    found.extend(public::look(config).await);
    found.extend(people::look(config));
    found
}
