//! What admins have done.

use serde::Deserialize;

use super::{Paged, counted, short};

/// Some of it, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Ledger {
    /// What was done.
    pub entries: Vec<Entry>,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl Paged for Ledger {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    fn extend(&mut self, page: Self) {
        self.entries.extend(page.entries);
        self.next = page.next;
    }
}

/// One act. What it is and what goes with it are read loosely, so that a newer server's acts are shown as well.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// Its record.
    pub position: u64,
    /// When, milliseconds since the epoch.
    pub at_ms: u64,
    /// Who: a user id, or "operator".
    by: String,
    act: String,
    user_id: Option<String>,
    uses_max: Option<u64>,
    erase: Option<bool>,
}

impl Entry {
    /// Who did it: "alice", or whoever runs the server.
    pub fn who(&self) -> &str {
        if self.by == "operator" { "Operator" } else { short(&self.by) }
    }

    /// What they did, as it follows the name.
    pub fn what(&self) -> String {
        let whom = self.user_id.as_deref().map_or("somebody", short);
        match self.act.as_str() {
            "invite_made" => {
                let people = counted(self.uses_max.unwrap_or(1), "person", "people");
                format!("made an invite for {people}")
            }
            "invite_revoked" => "took an invite back".to_owned(),
            "admin_made" => format!("made {whom} an admin"),
            "admin_unmade" => format!("made {whom} an admin no more"),
            "reset_link_made" => format!("made a link for {whom} to set a new password"),
            "account_locked" => format!("locked the account of {whom}"),
            "account_unlocked" => format!("unlocked the account of {whom}"),
            "account_deactivated" if self.erase == Some(true) => {
                format!("deactivated the account of {whom} and had it erased")
            }
            "account_deactivated" => format!("deactivated the account of {whom}"),
            other => match &self.user_id {
                Some(_) => format!("did “{}” to {whom}", other.replace('_', " ")),
                None => format!("did “{}”", other.replace('_', " ")),
            },
        }
    }
}
