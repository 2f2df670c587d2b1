//! `[registration]`.

use serde::{Deserialize, Serialize};

use crate::section::section;

/// Who may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationMode {
    /// Everybody.
    Open,
    /// Who has a token.
    Invite,
    /// Nobody.
    Closed,
}

section! {
    /// Who may sign up.
    Registration = "registration" {
        /// `open`, `invite` (with one of the tokens below) or `closed`.
        mode: RegistrationMode = RegistrationMode::Invite, "HEARTH_REGISTRATION";
        /// What people who are invited enter when they sign up.
        tokens: Vec<String> = Vec::new(), "HEARTH_REGISTRATION_TOKENS";
    }
}
