//! Invites.

use serde::Deserialize;

/// Those that nobody has taken back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Invites {
    /// In the server's order.
    pub invites: Vec<Invite>,
}

impl Invites {
    /// The newest first, those that count before the others.
    #[must_use]
    pub fn in_order(mut self) -> Vec<Invite> {
        self.invites.sort_by_key(|invite| (!invite.is_open, u64::MAX - invite.made_at_ms));
        self.invites
    }
}

/// One invite. Moments are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Invite {
    /// By which it is taken back.
    pub id: String,
    /// Who made it: a user id, or "operator".
    pub by: String,
    /// What the admin wants to remember of it.
    pub note: Option<String>,
    /// When it was made.
    pub made_at_ms: u64,
    /// From when on it does not count.
    pub expires_at_ms: u64,
    /// How many accounts were made with it.
    pub uses: u32,
    /// How many can be.
    pub uses_max: u32,
    /// Whether somebody can still sign up with it.
    pub is_open: bool,
}

impl Invite {
    /// What to call it.
    pub fn name(&self) -> &str {
        self.note.as_deref().map(str::trim).filter(|note| !note.is_empty()).unwrap_or("No note")
    }

    /// How far it is used: "Not used yet", "Used", "1 of 2 used".
    pub fn used(&self) -> String {
        match (self.uses, self.uses_max) {
            (0, 1) => "Not used yet".to_owned(),
            (1, 1) => "Used".to_owned(),
            (uses, most) => format!("{uses} of {most} used"),
        }
    }
}

/// A link that is told this once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MadeLink {
    /// The link, with its token.
    pub link: String,
    /// Until when it counts, milliseconds since the epoch.
    pub expires_at_ms: u64,
}
