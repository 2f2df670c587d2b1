//! A setting that is on or off, written as people write it.

use serde::{Deserialize, Deserializer, Serialize};

/// On or off: `true`, `false`, `"on"` or `"off"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "bool")]
pub struct Switch(pub bool);

impl From<Switch> for bool {
    fn from(switch: Switch) -> Self {
        switch.0
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Bool(bool),
            Word(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Bool(on) => Ok(Self(on)),
            Written::Word(word) if word == "on" || word == "true" => Ok(Self(true)),
            Written::Word(word) if word == "off" || word == "false" => Ok(Self(false)),
            Written::Word(word) => Err(serde::de::Error::custom(format!("{word:?} is neither \"on\" nor \"off\""))),
        }
    }
}
