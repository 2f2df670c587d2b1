//! Settings: defaults, then the file `config.toml`, then environment variables `HEARTH_…`; later ones win.
//!
//! Each section of the file is one struct in one file, made by the `section!` macro, so that defaults, documentation,
//! environment names and `config.example.toml` come from one place.

mod load;
mod section;
mod sections;
mod switch;

pub use load::{ConfigError, load};
pub use sections::{Calls, Limits, Media, Registration, RegistrationMode, Rooms, Server, Telemetry, TelemetryFormat, Users, Views};
pub use switch::Switch;

use section::Section;
use serde::Deserialize;

/// All settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Name, addresses, data folder.
    pub server: Server,
    /// Who may sign up.
    pub registration: Registration,
    /// Rules for rooms.
    pub rooms: Rooms,
    /// Finding people.
    pub users: Users,
    /// Uploads.
    pub media: Media,
    /// Rate limits and bounds.
    pub limits: Limits,
    /// STUN and TURN.
    pub calls: Calls,
    /// Memory of the read models.
    pub views: Views,
    /// The server's output.
    pub telemetry: Telemetry,
}

impl Config {
    fn sections(&mut self) -> [&mut dyn Section; 9] {
        [
            &mut self.server,
            &mut self.registration,
            &mut self.rooms,
            &mut self.users,
            &mut self.media,
            &mut self.limits,
            &mut self.calls,
            &mut self.views,
            &mut self.telemetry,
        ]
    }
}

/// The text of `config.example.toml`: every setting with its documentation and default, commented out.
#[must_use]
pub fn example_toml() -> String {
    let mut text = String::from(
        "# Every setting of Hearth with its default. Uncomment what you change.\n\
         # Environment variables, named behind each setting, win over this file.\n",
    );
    for section in Config::default().sections() {
        section.describe(&mut text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Config, example_toml};

    #[test]
    fn the_example_reads_as_the_defaults() {
        let uncommented: String = example_toml()
            .lines()
            .filter_map(|line| line.strip_prefix("#> ").or_else(|| line.starts_with('[').then_some(line)))
            .flat_map(|line| [line, "\n"])
            .collect();
        let config: Config = toml::from_str(&uncommented).unwrap_or_else(|e| panic!("{e}\n{uncommented}"));
        assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
    }
}
