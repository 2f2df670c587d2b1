//! What is wrong with a configuration, in words for the admin who wrote it.

use std::io;

/// A configuration that the server does not start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not TOML, has a setting that there is not, or a value that its setting cannot have.
    #[error("{file}, line {line}: {problem}")]
    File {
        /// What the file is called.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// A variable of the environment is no setting, or has a value that its setting cannot have.
    #[error("{name}{problem}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong with it, as it goes on after the name.
        problem: String,
    },
    /// The file that a variable names does not give a value.
    #[error("{name}={path}: the file cannot be read: {error}")]
    Unreadable {
        /// The variable.
        name: String,
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
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

    pub(crate) fn variable(name: &str, problem: impl Into<String>) -> Self {
        Self::Variable { name: name.to_owned(), problem: problem.into() }
    }
}
