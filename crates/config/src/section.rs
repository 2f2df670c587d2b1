//! How a section is written down: once, with its settings, their defaults, variables and documentation.

pub(crate) mod backup;
pub(crate) mod calls;
pub(crate) mod directory;
pub(crate) mod limits;
pub(crate) mod media;
pub(crate) mod registration;
pub(crate) mod registration_token;
pub(crate) mod rooms;
pub(crate) mod server;
pub(crate) mod sessions;
pub(crate) mod telemetry;

/// One setting, for the example file.
pub(crate) struct Setting {
    /// The key in its section.
    pub(crate) key: &'static str,
    /// The variable that overrides it.
    pub(crate) variable: &'static str,
    /// Its documentation, line by line.
    pub(crate) docs: &'static [&'static str],
    /// The default as a TOML value; none for a setting that is not set.
    pub(crate) default: Option<toml::Value>,
}

/// Defines a section: the struct, its defaults, how it is set from the environment, and its part of the example file.
macro_rules! section {
    (
        $(#[doc = $section_doc:literal])+
        $name:ident {
            $($(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr, $variable:literal;)+
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
                        $crate::ConfigError::Variable {
                            name: $variable,
                            value: value.to_owned(),
                            expected: <$type as $crate::from_text::FromText>::EXPECTED,
                        }
                    })?;
                })+
                Ok(())
            }

            /// The documentation of the section, line by line, and its settings.
            pub(crate) fn describe() -> (&'static [&'static str], Vec<$crate::section::Setting>) {
                let defaults = Self::default();
                (&[$($section_doc),+], vec![$($crate::section::Setting {
                    key: stringify!($key),
                    variable: $variable,
                    docs: &[$($doc),+],
                    default: toml::Value::try_from(&defaults.$key).ok(),
                },)+])
            }
        }
    };
}

pub(crate) use section;
