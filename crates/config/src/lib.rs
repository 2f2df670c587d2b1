//! Typed settings: one section, one file. Defaults first, then a TOML file, then `HEARTH_*` of the environment.
//!
//! The example file is generated from the same definitions, so that it cannot tell anything else than the code does.
//! Nothing in here starts, opens or checks anything outside: a valid configuration may still name a port that is taken.

mod error;
mod example;
mod from_text;
mod section;

pub use error::ConfigError;
pub use example::example_toml;
pub use section::backup::Backup;
pub use section::calls::{Calls, STUN_PORT, StunListen};
pub use section::directory::Directory;
pub use section::limits::Limits;
pub use section::media::Media;
pub use section::registration::{Registration, RegistrationMode};
pub use section::registration_token::RegistrationToken;
pub use section::rooms::Rooms;
pub use section::server::{Server, TrustedProxies};
pub use section::sessions::Sessions;
pub use section::telemetry::{Telemetry, TelemetryFormat};

use serde::Deserialize;

/// Everything an admin can set.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Names, addresses and folders.
    pub server: Server,
    /// Who may sign up.
    pub registration: Registration,
    /// What access tokens are good for.
    pub sessions: Sessions,
    /// What is true of all rooms.
    pub rooms: Rooms,
    /// How much one client may ask for.
    pub limits: Limits,
    /// How much uploaded files may take.
    pub media: Media,
    /// Who finds whom.
    pub directory: Directory,
    /// Voice and video.
    pub calls: Calls,
    /// What the server says about itself.
    pub telemetry: Telemetry,
    /// Backups that the server makes by itself.
    pub backup: Backup,
}

impl Config {
    /// The settings of a file's text (none: no file) with those of the environment on top, checked.
    ///
    /// `environment` is pairs of name and value; names that are no setting are passed over.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting and says what it should have been.
    pub fn load<'a>(
        file: Option<&str>,
        environment: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ConfigError> {
        let mut config: Self = match file {
            Some(text) => toml::from_str(text).map_err(ConfigError::File)?,
            None => Self::default(),
        };
        for (name, value) in environment {
            config.set(name, value)?;
        }
        config.check()?;
        Ok(config)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        self.server.set(name, value)?;
        self.registration.set(name, value)?;
        self.sessions.set(name, value)?;
        self.rooms.set(name, value)?;
        self.limits.set(name, value)?;
        self.media.set(name, value)?;
        self.directory.set(name, value)?;
        self.calls.set(name, value)?;
        self.telemetry.set(name, value)?;
        self.backup.set(name, value)
    }

    /// Checks every section, also after values were set from elsewhere, such as the command line.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting and says what it should have been.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.server.check()?;
        self.registration.check()?;
        self.sessions.check()?;
        self.rooms.check()?;
        self.limits.check()?;
        self.media.check()?;
        self.calls.check()?;
        self.backup.check()
    }
}
