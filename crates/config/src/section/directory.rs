//! Section `directory`: who finds whom, and what strangers may ask.

use super::{Check, section};

section! {
    /// Who finds whom.
    Directory {
        /// Everybody on the server is found by a part of their name. Off: only people in a room with the one who searches;
        /// others by their whole user name.
        search_all_users: bool = false, "HEARTH_SEARCH_ALL_USERS" live;
        /// People are also found by their whole email address.
        search_by_email: bool = false, "HEARTH_SEARCH_BY_EMAIL" live;
        /// Anybody may read profiles, and so find out who is here. Off: only who is logged in.
        profiles_without_login: bool = false, "HEARTH_PROFILES_WITHOUT_LOGIN" live;
        /// Anybody may read the public list of rooms. Off: only who is logged in.
        public_rooms_without_login: bool = false, "HEARTH_PUBLIC_ROOMS_WITHOUT_LOGIN" live;
    }
}

impl Check for Directory {}
