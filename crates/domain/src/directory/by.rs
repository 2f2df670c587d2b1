//! Who did something that only an admin may do.

use ruma::{IdParseError, OwnedUserId};
use serde::{Deserialize, Serialize};

/// As it is written for [`By::Operator`]. No user id is like it, for those begin with `@`.
const OPERATOR: &str = "operator";

/// Who did something that only an admin may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum By {
    /// Whoever may read the data folder of the server.
    Operator,
    /// An account that is an admin.
    Account(OwnedUserId),
}

impl From<By> for String {
    fn from(by: By) -> Self {
        match by {
            By::Operator => OPERATOR.to_owned(),
            By::Account(user_id) => user_id.into(),
        }
    }
}

impl TryFrom<String> for By {
    type Error = IdParseError;

    fn try_from(text: String) -> Result<Self, IdParseError> {
        if text == OPERATOR { Ok(Self::Operator) } else { OwnedUserId::try_from(text).map(Self::Account) }
    }
}
