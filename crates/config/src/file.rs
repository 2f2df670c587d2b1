//! Reads the file: what is wrong in it is said with its line, and with the name that was likely meant.

use toml::de::{DeTable, DeValue};

use crate::{all::Config, error::ConfigError, names};

/// A file of settings.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// What it is called where faults are told.
    pub name: &'a str,
    /// What is in it: TOML.
    pub text: &'a str,
}

impl File<'_> {
    /// The settings that are in it, on top of the defaults.
    pub(crate) fn read(&self) -> Result<Config, ConfigError> {
        let table = DeTable::parse(self.text).map_err(|error| self.fault(&error))?;
        self.refuse_unknown(table.get_ref())?;
        toml::from_str(self.text).map_err(|error| self.fault(&error))
    }

    /// The fault of a value, told by the line on which the file has the setting, if it has it.
    pub(crate) fn locate(&self, setting: &str, problem: &str) -> Option<ConfigError> {
        let (section, key) = setting.split_once('.')?;
        let table = DeTable::parse(self.text).ok()?;
        let (_, entries) = table.get_ref().iter().find(|(name, _)| name.get_ref() == section)?;
        let (name, _) = entries.get_ref().as_table()?.iter().find(|(name, _)| name.get_ref() == key)?;
        Some(self.at(name.span().start, format!("{setting}: {problem}")))
    }

    fn refuse_unknown(&self, table: &DeTable<'_>) -> Result<(), ConfigError> {
        for (section, entries) in table {
            let DeValue::Table(entries) = entries.get_ref() else {
                let paths = names::all().map(|name| name.path());
                let meant = names::did_you_mean(section.get_ref(), paths);
                let problem = format!("{} stands in no section{meant}", section.get_ref());
                return Err(self.at(section.span().start, problem));
            };
            if names::all().all(|name| name.section != section.get_ref()) {
                let meant = names::did_you_mean(section.get_ref(), names::all().map(|name| name.section.to_owned()));
                return Err(self.at(section.span().start, format!("there is no section [{}]{meant}", section.get_ref())));
            }
            for (key, _) in entries {
                let path = format!("{}.{}", section.get_ref(), key.get_ref());
                if names::all().all(|name| name.path() != path) {
                    let meant = names::did_you_mean(&path, names::all().map(|name| name.path()));
                    return Err(self.at(key.span().start, format!("there is no setting {path}{meant}")));
                }
            }
        }
        Ok(())
    }

    /// What the parser says, without the line itself, which may hold a secret.
    fn fault(&self, error: &toml::de::Error) -> ConfigError {
        self.at(error.span().map_or(0, |span| span.start), error.message().to_owned())
    }

    fn at(&self, offset: usize, problem: String) -> ConfigError {
        let before = self.text.get(..offset).unwrap_or(self.text);
        ConfigError::File { file: self.name.to_owned(), line: before.matches('\n').count() + 1, problem }
    }
}
