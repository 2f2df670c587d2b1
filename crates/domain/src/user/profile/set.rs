//! Sets or removes a field of a profile (spec: `PUT` and `DELETE /profile/{userId}/{keyName}`).

use ruma::{MxcUri, OwnedUserId, api::error::ErrorKind};
use serde_json::Value;

use super::{AVATAR_URL, DISPLAY_NAME, DISPLAY_NAME_BYTES_MAX, FIELD_NAME_BYTES_MAX, PROFILE_BYTES_MAX, ProfileFieldSet};
use crate::{Command, Context, Decision, Fact, Rejection, user::UserState};

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
