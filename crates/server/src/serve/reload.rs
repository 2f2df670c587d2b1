//! SIGHUP: the settings are read anew, and those that may change while the server runs are taken over. Of all others it is said that
//! they count from the next start on. Settings that do not read change nothing.

use std::{fs::File, sync::Arc};

use anyhow::{Context as _, Result};
use api::{ApiSettings, LiveSettings};
use config::{Change, Config};
use parking_lot::RwLock;
#[cfg(unix)]
use tokio::{
    signal::unix::{SignalKind, signal},
    task::spawn_blocking,
};

use super::api_settings;
use crate::{cli::Serve, settings, telemetry::Filter};

/// The settings that are in force. Cheap to clone; whoever has a clone sees the same.
#[derive(Clone)]
pub(super) struct LiveConfig(Arc<RwLock<Config>>);

impl LiveConfig {
    pub(super) fn new(config: Config) -> Self {
        Self(Arc::new(RwLock::new(config)))
    }

    /// What they are now.
    pub(super) fn now(&self) -> Config {
        self.0.read().clone()
    }
}

/// Everything that takes part in it.
pub(super) struct Reload {
    /// What the command line says, also of settings that are read anew.
    args: Serve,
    filter: Filter,
    config: LiveConfig,
    settings: LiveSettings,
    stun_ports: Vec<u16>,
}

impl Reload {
    pub(super) fn new(
        (args, filter): (Serve, Filter),
        config: LiveConfig,
        settings: LiveSettings,
        stun_ports: Vec<u16>,
    ) -> Self {
        Self { args, filter, config, settings, stun_ports }
    }

    /// Follows the signal. Ends when it says that the terminal is gone in which the server was started, as when its window is closed:
    /// then it is to stop.
    #[cfg(unix)]
    pub(super) async fn follow(self) {
        let mut hangup = match signal(SignalKind::hangup()) {
            Ok(hangup) => hangup,
            Err(error) => {
                tracing::warn!(signal.error = %error, "SIGHUP cannot be listened for");
                return std::future::pending().await;
            }
        };
        let this = Arc::new(self);
        let had_terminal = has_terminal();
        while hangup.recv().await.is_some() {
            if had_terminal && !has_terminal() {
                return;
            }
            let reading = Arc::clone(&this);
            // A panic has been reported by the panic hook already.
            let _ended = spawn_blocking(move || reading.read_anew()).await;
        }
        std::future::pending().await
    }

    /// Elsewhere there is no such signal.
    #[cfg(not(unix))]
    pub(super) async fn follow(self) {
        std::future::pending().await
    }

    fn read_anew(&self) {
        match settings::load_to_serve(&self.args).and_then(|new| self.take_over(&new)) {
            Ok(changes) => tell(&changes),
            Err(error) => {
                tracing::error!(settings.error = format!("{error:#}"), "the settings do not read, and stay as they were");
            }
        }
    }

    fn take_over(&self, new: &Config) -> Result<Vec<Change>> {
        let mut config = self.config.now();
        let changes = config.take_over(new);
        // First what may be refused.
        self.filter.set(&config.telemetry.filter).context("telemetry.filter")?;
        let now = self.settings.now();
        self.settings.replace(ApiSettings {
            web_url: now.web_url.clone(),
            first_account: now.first_account,
            ..api_settings::of(&config, &self.stun_ports)
        });
        *self.config.0.write() = config;
        Ok(changes)
    }
}

/// By name alone: values may be secrets.
fn tell(changes: &[Change]) {
    for Change { setting, is_live } in changes {
        if *is_live {
            tracing::info!(setting, "a setting has changed and is in force");
        } else {
            tracing::warn!(setting, "a setting has changed that counts from the next start on");
        }
    }
    if changes.is_empty() {
        tracing::info!("the settings were read anew and say the same as before");
    }
}

/// Whether the process has a terminal by which it is controlled (`tty(4)`).
fn has_terminal() -> bool {
    File::open("/dev/tty").is_ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use api::TurnCredentials;
    use config::{File, example_toml};

    use super::*;

    /// What the file says of each setting that is taken over, before and after.
    const CHANGED: [(&str, &str, &str); 18] = [
        ("server.support_email", "", "[server]\nsupport_email = \"help@example.org\""),
        ("server.support_page", "", "[server]\nsupport_page = \"https://example.org/help\""),
        ("server.presence", "", "[server]\npresence = false"),
        ("registration.mode", "", "[registration]\nmode = \"closed\""),
        ("registration.tokens", "", "[registration]\ntokens = [\"sixteen-letters-\"]"),
        ("sessions.access_token_lifetime_s", "", "[sessions]\naccess_token_lifetime_s = 90"),
        ("sessions.access_token_in_url", "", "[sessions]\naccess_token_in_url = true"),
        ("directory.search_all_users", "", "[directory]\nsearch_all_users = true"),
        ("directory.search_by_email", "", "[directory]\nsearch_by_email = true"),
        ("directory.profiles_without_login", "", "[directory]\nprofiles_without_login = true"),
        ("directory.public_rooms_without_login", "", "[directory]\npublic_rooms_without_login = true"),
        ("calls.stun_public_address", "", "[calls]\nstun_public_address = \"stun.example\""),
        ("calls.turn_uris", "", "[calls]\nturn_uris = [\"stun:other.example\"]"),
        ("calls.turn_ttl_s", "", "[calls]\nturn_ttl_s = 9"),
        ("calls.turn_shared_secret", "", "[calls]\nturn_shared_secret = \"secret\""),
        (
            "calls.turn_username",
            "[calls]\nturn_username = \"a\"\nturn_password = \"p\"",
            "[calls]\nturn_username = \"b\"\nturn_password = \"p\"",
        ),
        (
            "calls.turn_password",
            "[calls]\nturn_username = \"a\"\nturn_password = \"p\"",
            "[calls]\nturn_username = \"a\"\nturn_password = \"q\"",
        ),
        ("telemetry.filter", "", "[telemetry]\nfilter = \"warn\""),
    ];

    fn load(text: &str) -> Config {
        Config::load(Some(File { name: "test", text }), []).unwrap()
    }

    /// All that the settings make a difference to.
    fn effect(config: &Config) -> String {
        let settings = api_settings::of(config, &[]);
        let credentials = match &settings.calls.credentials {
            None => String::new(),
            Some(TurnCredentials::SharedSecret(secret)) => secret.clone(),
            Some(TurnCredentials::Fixed { username, password }) => format!("{username} {password}"),
        };
        format!("{settings:?} {credentials} {} {}", settings.calls.ttl_s, config.telemetry.filter)
    }

    #[test]
    fn what_is_taken_over_makes_a_difference_at_once() {
        for (setting, before, after) in CHANGED {
            let mut config = load(before);
            let was = effect(&config);
            assert_eq!(config.take_over(&load(after)), [Change { setting: setting.to_owned(), is_live: true }]);
            assert_ne!(effect(&config), was, "{setting} is taken over and changes nothing");
        }
    }

    #[test]
    fn the_example_promises_what_is_taken_over_and_nothing_else() {
        let example = example_toml();
        let mut section = "";
        let mut promised = BTreeSet::new();
        for lines in example.lines().collect::<Vec<_>>().windows(2) {
            let &[line, next] = lines else { continue };
            section = line.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(section);
            if line.starts_with("# HEARTH_") && line.ends_with(" (SIGHUP)") {
                let key = next.trim_start_matches("# ").split(' ').next().unwrap_or_default();
                promised.insert(format!("{section}.{key}"));
            }
        }
        assert_eq!(promised, CHANGED.iter().map(|(setting, ..)| (*setting).to_owned()).collect());
    }

    #[test]
    fn what_is_not_taken_over_stays_and_is_named() {
        let mut config = Config::default();
        let new = load("[limits]\nwrites_per_second = 5\n[registration]\nmode = \"open\"");
        let names: Vec<_> = config.take_over(&new).into_iter().map(|change| (change.setting, change.is_live)).collect();
        assert_eq!(names, [("registration.mode".to_owned(), true), ("limits.writes_per_second".to_owned(), false)]);
        assert_eq!(config.limits, Config::default().limits);
    }
}
