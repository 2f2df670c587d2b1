//! Puts the settings together from where they stand, and says where one stands that makes no sense.

use crate::{all::Config, error::ConfigError, file::File, names, section::server::Server};

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
        config.name_after_domain();
        Ok(config)
    }
}

impl Config {
    /// A domain is two settings less to think of.
    fn name_after_domain(&mut self) {
        let Some(domain) = &self.https.domain else { return };
        if self.server.name == Server::default().name {
            self.server.name.clone_from(domain);
        }
        self.server.public_url.get_or_insert_with(|| format!("https://{domain}"));
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
