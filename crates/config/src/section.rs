//! How a section is written down: once, with its settings, their defaults, variables and documentation.

pub(crate) mod backup;
pub(crate) mod calls;
pub(crate) mod directory;
pub(crate) mod email;
pub(crate) mod https;
pub(crate) mod limits;
pub(crate) mod media;
pub(crate) mod push;
pub(crate) mod registration;
pub(crate) mod registration_token;
pub(crate) mod retention;
pub(crate) mod rooms;
pub(crate) mod server;
pub(crate) mod sessions;
pub(crate) mod telemetry;

use crate::error::ConfigError;

/// What values have to be beside being of their type.
pub(crate) trait Check {
    /// Whether the values make sense; most do whatever they are.
    fn check(&self) -> Result<(), ConfigError> {
        Ok(())
    }
}

/// A section, for the example file and wherever settings are named.
pub(crate) struct Section {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its documentation, line by line.
    pub(crate) docs: &'static [&'static str],
    /// Its settings, in the order of the definition.
    pub(crate) settings: Vec<Setting>,
}

/// One setting, for the example file.
pub(crate) struct Setting {
    /// The key in its section.
    pub(crate) key: &'static str,
    /// The variable that overrides it.
    pub(crate) variable: &'static str,
    /// Its documentation, line by line.
    pub(crate) docs: &'static [&'static str],
    /// Whether a running server takes it over.
    pub(crate) is_live: bool,
    /// The default as a TOML value; none for a setting that is not set.
    pub(crate) default: Option<toml::Value>,
}

/// Defines a section: the struct, its defaults, how it is set from the environment, and its part of the example file. Behind the
/// variable of a setting that a running server takes over stands `live`.
macro_rules! section {
    (@is_live live) => { true };
    (@is_live) => { false };
    (
        $(#[doc = $section_doc:literal])+
        $name:ident {
            $($(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr, $variable:literal $($live:ident)?;)+
        }
    ) => {
        $(#[doc = $section_doc])+
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $doc])+ pub $key: $type,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl $name {
            /// Takes the value of a variable, if it belongs to this section.
            pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), $crate::ConfigError> {
                $(if name == $variable {
                    self.$key = <$type as $crate::from_text::FromText>::from_text(value).ok_or_else(|| {
                        let expected = <$type as $crate::from_text::FromText>::EXPECTED;
                        $crate::ConfigError::variable($variable, format!("={value}: expected {expected}"))
                    })?;
                })+
                Ok(())
            }

            /// Takes over what may change while the server runs, and says what differs.
            pub(crate) fn take_over(&mut self, new: &Self, section: &'static str) -> Vec<$crate::Change> {
                let mut changes = Vec::new();
                $(if self.$key != new.$key {
                    let is_live = $crate::section::section!(@is_live $($live)?);
                    if is_live {
                        self.$key.clone_from(&new.$key);
                    }
                    changes.push($crate::Change { setting: format!("{section}.{}", stringify!($key)), is_live });
                })+
                changes
            }

            /// What the section consists of, under the name that the configuration has for it.
            pub(crate) fn describe(name: &'static str) -> $crate::section::Section {
                let defaults = Self::default();
                let settings = vec![$($crate::section::Setting {
                    key: stringify!($key),
                    variable: $variable,
                    docs: &[$($doc),+],
                    is_live: $crate::section::section!(@is_live $($live)?),
                    default: toml::Value::try_from(&defaults.$key).ok(),
                },)+];
                $crate::section::Section { name, docs: &[$($section_doc),+], settings }
            }
        }
    };
}

/// Defines the configuration: the struct, how it is set and checked, and what its sections are. A section that is not in here is in
/// none of these.
macro_rules! sections {
    (
        $(#[doc = $config_doc:literal])+
        $name:ident {
            $($(#[doc = $doc:literal])+ $field:ident: $section:ty,)+
        }
    ) => {
        $(#[doc = $config_doc])+
        #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $doc])+ pub $field: $section,)+
        }

        impl $name {
            pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
                $(self.$field.set(name, value)?;)+
                Ok(())
            }

            /// Checks every section, also after values were set from elsewhere, such as the command line.
            ///
            /// # Errors
            /// [`ConfigError`] names the setting and says what it should have been.
            pub fn check(&self) -> Result<(), ConfigError> {
                $(self.$field.check()?;)+
                Ok(())
            }

            /// Takes over from `new` what may change while the server runs. What may not stays as it was. Returns all that
            /// differs.
            pub fn take_over(&mut self, new: &Self) -> Vec<Change> {
                let mut changes = Vec::new();
                $(changes.extend(self.$field.take_over(&new.$field, stringify!($field)));)+
                changes
            }

            /// Every section, in the order of the example file.
            pub(crate) fn describe() -> Vec<Section> {
                vec![$(<$section>::describe(stringify!($field)),)+]
            }
        }
    };
}

pub(crate) use section;
pub(crate) use sections;
