//! `hearth doctor`: looks at what a server needs, beside one that runs or without one, and says in words what is wrong and what to do
//! about it. It changes nothing. A server that runs tells admins the same of itself, as far as it can be seen from inside.

mod ask;
mod certificate;
mod email;
mod finding;
mod folder;
mod network;
mod people;
mod public;
mod system;

use std::process::ExitCode;

use anyhow::Result;
use config::Config;
use engine::Engine;

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
    found.push(email::look(config).await);
    found.extend(people::look(config));
    found
}

/// What a server finds that runs, by these settings. Whether it can be reached on its own address is not asked: whoever reads this has
/// reached it.
pub(crate) async fn look_from_inside(config: &Config, engine: &Engine) -> Vec<Finding> {
    let (settings, inside) = (config.clone(), engine.clone());
    let beside = tokio::task::spawn_blocking(move || {
        let mut found = folder::look_from_inside(&settings, inside.log());
        found.extend(system::look(&settings));
        found.extend(network::look_from_inside(&inside));
        found.extend(certificate::look(&settings, &DataFolder::new(&settings.server.data), true));
        found
    });
    let mut found = beside.await.unwrap_or_else(|_panicked| {
        vec![Finding::fail("doctor", "Looking has failed.", "The server's output says why. Tell the developers.")]
    });
    let stun = network::stun(config.calls.stun_listen.as_ref(), true);
    let (stun, address, email) = tokio::join!(stun, public::look(config), email::look(config));
    found.extend(stun);
    found.extend(address);
    found.push(email);
    found.extend(people::look(config));
    found
}
