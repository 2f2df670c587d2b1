//! `[rooms]`.

use crate::{section::section, switch::Switch};

section! {
    /// Rules for rooms.
    Rooms = "rooms" {
        /// Rooms are created encrypted, and messages that are not encrypted are refused.
        require_encryption: Switch = Switch(true), "HEARTH_REQUIRE_ENCRYPTION";
        /// The version of new rooms: `10`, `11` or `12`.
        default_version: String = "12".to_owned(), "HEARTH_ROOM_VERSION";
    }
}
