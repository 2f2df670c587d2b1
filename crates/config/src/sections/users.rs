//! `[users]`.

use crate::{section::section, switch::Switch};

section! {
    /// Finding people.
    Users = "users" {
        /// People find each other by name without sharing a room.
        search_all: Switch = Switch(true), "HEARTH_SEARCH_ALL_USERS";
    }
}
