//! How a section describes itself and takes settings from the environment.

use std::fmt::Write;

use serde::{Serialize, de::DeserializeOwned};

use crate::load::ConfigError;

/// One section of the configuration file.
pub(crate) trait Section {
    /// Appends the section to the example file.
    fn describe(&self, text: &mut String);
    /// Takes over what `get` has for the section's environment variables.
    fn apply_env(&mut self, get: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError>;
}

/// Appends one setting: its documentation, its environment variable, and its default behind `#> `.
pub(crate) fn describe_field(text: &mut String, docs: &[&str], env: &str, name: &str, value: &impl Serialize) {
    text.push('\n');
    for line in docs {
        // Writing to a string does not fail.
        let _infallible = writeln!(text, "#{line}");
    }
    let value = toml::Value::try_from(value).map_or_else(|_| "\"\"".to_owned(), |value| value.to_string());
    let _infallible = writeln!(text, "# ({env})\n#> {name} = {value}");
}

/// Reads a setting from an environment variable: as TOML, and if it is not of the type then, as a plain string.
pub(crate) fn from_env<T: DeserializeOwned>(env: &str, text: &str) -> Result<T, ConfigError> {
    let as_toml = toml::from_str::<toml::Table>(&format!("value = {text}")).ok().and_then(|mut table| table.remove("value"));
    let as_string = toml::Value::String(text.to_owned());
    match as_toml.map(toml::Value::try_into) {
        Some(Ok(value)) => Ok(value),
        _ => as_string.try_into().map_err(|error| ConfigError::Variable { name: env.to_owned(), why: error.to_string() }),
    }
}

/// Makes a section: a struct, its defaults, and how it describes itself.
macro_rules! section {
    ($(#[doc = $section_doc:literal])+ $struct:ident = $name:literal {
        $($(#[doc = $doc:literal])+ $field:ident: $type:ty = $default:expr, $env:literal;)+
    }) => {
        $(#[doc = $section_doc])+
        #[derive(Clone, Debug, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $struct {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl Default for $struct {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl crate::section::Section for $struct {
            fn describe(&self, text: &mut String) {
                text.push_str(concat!("\n[", $name, "]\n"));
                $(text.push_str(concat!("#", $section_doc, "\n"));)+
                $(crate::section::describe_field(text, &[$($doc),+], $env, stringify!($field), &self.$field);)+
            }

            fn apply_env(&mut self, get: &dyn Fn(&str) -> Option<String>) -> Result<(), crate::load::ConfigError> {
                $(if let Some(text) = get($env) {
                    self.$field = crate::section::from_env($env, &text)?;
                })+
                Ok(())
            }
        }
    };
}

pub(crate) use section;
