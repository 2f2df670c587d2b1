//! Names as the library tells them apart: the one place that knows its table of look-alike letters.

use hearth_web_state::names;
use matrix_sdk::deserialized_responses::DisplayName;

use super::rows;

/// How a person is called.
pub(super) struct PersonName {
    /// What is shown.
    pub(super) shown: String,
    /// Equal for names that look alike.
    pub(super) skeleton: String,
    /// Whether the name has something in it that honest names hardly have.
    pub(super) is_odd: bool,
}

impl PersonName {
    /// Reads what somebody calls themselves. Without a name that can be seen they are called after their user id.
    pub(super) fn new(raw: Option<&str>, user_id: &str) -> Self {
        let shown = raw.and_then(names::shown).unwrap_or_else(|| rows::short_name(user_id));
        let raw = raw.unwrap_or(&shown);
        let name = DisplayName::new(raw);
        Self {
            is_odd: names::is_odd(raw) || name.is_inherently_ambiguous(),
            skeleton: skeleton_of(&DisplayName::new(&shown)),
            shown,
        }
    }
}

/// The form of a name that is equal for names that look alike.
pub(crate) fn skeleton(name: &str) -> String {
    skeleton_of(&DisplayName::new(name))
}

fn skeleton_of(name: &DisplayName) -> String {
    name.as_normalized_str().map_or_else(|| name.as_raw_str().to_lowercase(), ToOwned::to_owned)
}
