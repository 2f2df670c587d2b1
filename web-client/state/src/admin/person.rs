//! Accounts as admins see them.

use serde::Deserialize;

use super::{Paged, counted, short};
use crate::files::size_in_words;

/// One account. Moments are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Person {
    /// `@alice:example.org`.
    pub user_id: String,
    /// What others see.
    pub display_name: Option<String>,
    /// When the account was made.
    pub created_at_ms: u64,
    /// When its owner was there last; nothing when they were not since the server started, or do not say.
    pub last_active_ms: Option<u64>,
    /// Whether its owner is an admin.
    pub is_admin: bool,
    /// Whether it cannot be used for now.
    pub is_locked: bool,
    /// Whether it is closed for ever.
    pub is_deactivated: bool,
    /// How many devices are logged in.
    pub devices: u64,
    /// What the uploads take, bytes.
    pub media_bytes: u64,
}

impl Person {
    /// What to call them.
    pub fn name(&self) -> &str {
        self.display_name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| short(&self.user_id))
    }

    /// What is special about the account, in a word.
    pub fn mark(&self) -> Option<&'static str> {
        if self.is_deactivated {
            Some("Closed")
        } else if self.is_locked {
            Some("Locked")
        } else if self.is_admin {
            Some("Admin")
        } else {
            None
        }
    }

    /// What they have: "2 devices, 1.4 MB of files".
    pub fn belongings(&self) -> String {
        let devices = match self.devices {
            0 => "No devices".to_owned(),
            devices => counted(devices, "device", "devices"),
        };
        match self.media_bytes {
            0 => format!("{devices}, no files"),
            bytes => format!("{devices}, {} of files", size_in_words(bytes)),
        }
    }
}

/// Some of the accounts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct People {
    /// In the server's order.
    pub users: Vec<Person>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// Whether a search has found more than these.
    pub limited: bool,
}

impl Paged for People {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    fn extend(&mut self, page: Self) {
        self.users.extend(page.users);
        self.next = page.next;
    }
}

/// The devices in the answer about one account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Devices {
    /// In the server's order.
    pub device_list: Vec<Device>,
}

/// A device that is logged in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Device {
    /// Its id.
    pub device_id: String,
    /// What its owner calls it.
    pub display_name: Option<String>,
    /// When it logged in, milliseconds since the epoch.
    pub opened_at_ms: u64,
}

impl Device {
    /// What to call it.
    pub fn name(&self) -> &str {
        self.display_name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&self.device_id)
    }
}
