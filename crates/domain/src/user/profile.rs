//! A person's profile: display name, avatar and fields of any other name (spec: "Profiles").

mod facts;
mod set;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use facts::ProfileFieldSet;
pub use set::SetProfileField;

use crate::Fact;

/// The field that names the person.
pub const DISPLAY_NAME: &str = "displayname";
/// The field that has the `mxc:` address of the person's picture.
pub const AVATAR_URL: &str = "avatar_url";
/// The longest display name. The specification sets none below the profile's size.
pub const DISPLAY_NAME_BYTES_MAX: usize = 512;
/// The longest name of a field (spec: "Profiles", "Size limits").
pub const FIELD_NAME_BYTES_MAX: usize = 255;
/// The largest profile as JSON (spec: "Profiles", "Size limits").
pub const PROFILE_BYTES_MAX: usize = 65_536;

/// What is decided on about the profile.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct ProfileState {
    fields: BTreeMap<String, Value>,
}

impl ProfileState {
    /// One field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::ProfileFieldSet(ProfileFieldSet { field, value: Some(value), .. }) => {
                self.fields.insert(field.clone(), value.clone());
            }
            Fact::ProfileFieldSet(ProfileFieldSet { field, value: None, .. }) => {
                self.fields.remove(field);
            }
            Fact::AccountDeactivated(fact) if fact.erase => self.fields.clear(),
            _ => {}
        }
    }
}
