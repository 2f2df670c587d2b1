//! Typed settings: one section, one file. Defaults first, then a TOML file, then `HEARTH_*` of the environment.
//!
//! The example file is generated from the same definitions, so that it cannot tell anything else than the code does.
//! Nothing in here starts, opens or checks anything outside: a valid configuration may still name a port that is taken.

mod environment;
mod error;
mod example;
mod file;
mod from_text;
mod names;
mod section;

pub use environment::{PREFIX, settings_of_environment};
pub use error::ConfigError;
pub use example::example_toml;
pub use file::File;
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

use section::{Check as _, Section, sections};

sections! {
    /// Everything an admin can set.
    Config {
        /// Names, addresses and folders.
        server: Server,
        /// Who may sign up.
        registration: Registration,
        /// What access tokens are good for.
        sessions: Sessions,
        /// What is true of all rooms.
        rooms: Rooms,
        /// How much one client may ask for.
        limits: Limits,
        /// How much uploaded files may take.
        media: Media,
        /// Who finds whom.
        directory: Directory,
        /// Voice and video.
        calls: Calls,
        /// What the server says about itself.
        telemetry: Telemetry,
    }
}

impl Config {
    /// The settings of a file (none: no file) with those of the environment on top, checked.
    ///
    /// `environment` is pairs of variable and value, all of them settings ([`settings_of_environment`]).
    ///
    /// # Errors
    /// [`ConfigError`] names the setting and where it stands, and says what it should have been.
    pub fn load<'a>(
        file: Option<File<'_>>,
        environment: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ConfigError> {
        let mut config = file.map_or_else(|| Ok(Self::default()), |file| file.read())?;
        let mut variables = Vec::new();
        for (name, value) in environment {
            config.set(name, value)?;
            variables.push(name);
        }
        config.check().map_err(|error| locate(error, file, &variables))?;
        Ok(config)
    }
}

/// Says where the value stands that makes no sense.
fn locate(error: ConfigError, file: Option<File<'_>>, variables: &[&str]) -> ConfigError {
    let ConfigError::Value { setting, problem } = &error else { return error };
    let variable = names::all().find(|name| name.path() == *setting && variables.contains(&name.variable));
    if let Some(name) = variable {
        return ConfigError::variable(name.variable, format!(" ({setting}): {problem}"));
    }
    file.and_then(|file| file.locate(setting, problem)).unwrap_or(error)
}
