//! What is wrong with a configuration, in words for the admin who wrote it.

/// A configuration that the server does not start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not TOML, has an unknown setting or a value of another type.
    #[error("the configuration file does not read:\n{0}")]
    File(toml::de::Error),
    /// A variable of the environment has a value that its setting cannot have.
    #[error("{name}={value}: expected {expected}")]
    Variable {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What could be there.
        expected: &'static str,
    },
    /// A value reads but makes no sense.
    #[error("{setting}: {problem}")]
    Value {
        /// The section and key, for example `server.name`.
        setting: &'static str,
        /// What is wrong.
        problem: String,
    },
}

impl ConfigError {
    pub(crate) fn value(setting: &'static str, problem: impl Into<String>) -> Self {
        Self::Value { setting, problem: problem.into() }
    }
}
