//! Section `directory`: who finds whom.

use super::section;

section! {
    /// Who finds whom.
    Directory {
        /// Everybody on the server is found by name. Off: only people in a room with the one who searches.
        search_all_users: bool = true, "HEARTH_SEARCH_ALL_USERS";
        /// People are also found by their whole email address.
        search_by_email: bool = false, "HEARTH_SEARCH_BY_EMAIL";
    }
}
