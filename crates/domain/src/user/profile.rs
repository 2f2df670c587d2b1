//! A person's profile: display name, avatar and fields of any other name (spec: "Profiles").

use std::collections::BTreeMap;

use ruma::{MxcUri, OwnedUserId, api::error::ErrorKind};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::UserState;
use crate::{Command, Context, Decision, Fact, Rejection};

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

/// Fact `profile.field_set`, version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileFieldSet {
    /// The field.
    pub field: String,
    /// Whose profile.
    pub user_id: OwnedUserId,
    /// The new value, which may be null; none when the field was removed.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// A value that is there. Without this a null would read as no value, and setting one as a removal.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

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

/// Sets or removes one field of the profile.
#[derive(Clone, Debug)]
pub struct SetProfileField {
    /// Whose profile.
    pub user_id: OwnedUserId,
    /// The field.
    pub field: String,
    /// The new value; none to remove it.
    pub value: Option<Value>,
}

impl Command for SetProfileField {
    type On = UserState;
    /// Whether anything changed.
    type Reply = bool;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<bool>, Rejection> {
        let user_id = state.account.active()?;
        if self.field.len() > FIELD_NAME_BYTES_MAX {
            return Err(Rejection::new(400, ErrorKind::KeyTooLarge, "The name of a profile field has at most 255 bytes."));
        }
        if self.field.is_empty() {
            return Err(Rejection::invalid_param("A profile field has a name."));
        }
        if let Some(value) = &self.value {
            check_value(&self.field, value)?;
        }
        if state.profile.get(&self.field) == self.value.as_ref() {
            return Ok(Decision::AlreadyDone(false));
        }
        let mut fields = state.profile.fields.clone();
        match &self.value {
            Some(value) => fields.insert(self.field.clone(), value.clone()),
            None => fields.remove(&self.field),
        };
        if serde_json::to_vec(&fields).is_ok_and(|json| json.len() > PROFILE_BYTES_MAX) {
            return Err(Rejection::new(400, ErrorKind::ProfileTooLarge, "A profile has at most 65,536 bytes."));
        }
        let fact = ProfileFieldSet { user_id: user_id.clone(), field: self.field, value: self.value };
        Ok(Decision::accept([Fact::ProfileFieldSet(fact)], true))
    }
}

/// The two fields with a meaning have values of a kind.
fn check_value(field: &str, value: &Value) -> Result<(), Rejection> {
    match (field, value) {
        (DISPLAY_NAME, Value::String(name)) if name.len() <= DISPLAY_NAME_BYTES_MAX => Ok(()),
        (DISPLAY_NAME, _) => Err(Rejection::invalid_param("A display name is text of at most 512 bytes.")),
        (AVATAR_URL, Value::String(url)) if <&MxcUri>::from(url.as_str()).is_valid() && url.len() <= 1_024 => Ok(()),
        (AVATAR_URL, _) => Err(Rejection::invalid_param("An avatar is named by an mxc: address.")),
        _ => Ok(()),
    }
}
