//! Reads the settings and checks what the types cannot.

use std::path::{Path, PathBuf};

use crate::{Config, RegistrationMode};

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be opened.
    #[error("the configuration file {} cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file does not hold settings.
    #[error("the configuration file {} is wrong: {source}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// An environment variable does not hold what it should.
    #[error("the environment variable {name} is wrong: {why}")]
    Variable {
        /// Its name.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// A value is not possible.
    #[error("the setting {setting} is wrong: {why}")]
    Value {
        /// Section and name.
        setting: &'static str,
        /// What is wrong and what would be right.
        why: &'static str,
    },
}

/// Reads `file` if one is named, then the environment through `get`.
///
/// # Errors
/// [`ConfigError`] with the place and the way out.
pub fn load(file: Option<&Path>, get: &dyn Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
    let mut config = match file {
        None => Config::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
            toml::from_str(&text).map_err(|source| ConfigError::Toml { path: path.to_owned(), source: Box::new(source) })?
        }
    };
    for section in config.sections() {
        section.apply_env(get)?;
    }
    check(&config)?;
    Ok(config)
}

fn check(config: &Config) -> Result<(), ConfigError> {
    let wrong = |setting, why| Err(ConfigError::Value { setting, why });
    if config.server.name.is_empty() || config.server.name.contains(|c: char| c.is_whitespace() || c == '@' || c == '/') {
        return wrong("server.name", "it must be a host name such as example.org, without a scheme");
    }
    if config.registration.mode == RegistrationMode::Invite && config.registration.tokens.iter().any(String::is_empty) {
        return wrong("registration.tokens", "a token must not be empty");
    }
    if !["10", "11", "12"].contains(&config.rooms.default_version.as_str()) {
        return wrong("rooms.default_version", "it must be 10, 11 or 12");
    }
    if !config.server.public_url.is_empty() && !config.server.public_url.starts_with("http") {
        return wrong("server.public_url", "it must begin with https:// (or http:// for a test)");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::load;
    use crate::{RegistrationMode, Switch};

    fn from(pairs: &[(&str, &str)]) -> Result<crate::Config, super::ConfigError> {
        load(None, &|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_wins() {
        let config = from(&[
            ("HEARTH_SERVER_NAME", "example.org"),
            ("HEARTH_REGISTRATION", "open"),
            ("HEARTH_RATE_LIMITS", "off"),
            ("HEARTH_REQUIRE_ENCRYPTION", "false"),
            ("HEARTH_ROOM_VERSION", "11"),
            ("HEARTH_REGISTRATION_TOKENS", "[\"a\", \"b\"]"),
        ])
        .unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(config.server.name, "example.org");
        assert_eq!(config.registration.mode, RegistrationMode::Open);
        assert_eq!(config.limits.rate_limits, Switch(false));
        assert_eq!(config.rooms.require_encryption, Switch(false));
        assert_eq!(config.rooms.default_version, "11");
        assert_eq!(config.registration.tokens, ["a", "b"]);
    }

    #[test]
    fn nonsense_is_refused_with_its_name() {
        for (name, value) in [
            ("HEARTH_SERVER_NAME", "https://x"),
            ("HEARTH_REGISTRATION", "maybe"),
            ("HEARTH_RATE_LIMITS", "sometimes"),
            ("HEARTH_ROOM_VERSION", "9"),
            ("HEARTH_UPLOAD_MIB_MAX", "lots"),
            ("HEARTH_WRITES_PER_SECOND", "0"),
        ] {
            assert!(from(&[(name, value)]).is_err(), "{name}={value}");
        }
    }
}
