//! Section `rooms`: what is true of all rooms.

use super::{Check, section};
use crate::error::ConfigError;

section! {
    /// What is true of all rooms.
    Rooms {
        /// New rooms are encrypted, and messages that are not are refused. Turn it off only for bots that cannot encrypt.
        require_encryption: bool = true, "HEARTH_REQUIRE_ENCRYPTION";
        /// The version of rooms whose creator asks for none: "3" to "12". Not every client knows the room ids of "12" yet.
        default_version: String = "11".to_owned(), "HEARTH_ROOM_VERSION";
    }
}

impl Check for Rooms {
    fn check(&self) -> Result<(), ConfigError> {
        let version = self.default_version.parse::<u8>().ok().filter(|version| self.default_version == version.to_string());
        if !version.is_some_and(|version| (3..=12).contains(&version)) {
            let problem =
                format!("{:?} is not a version that rooms are made with here; expected 3 to 12", self.default_version);
            return Err(ConfigError::value("rooms.default_version", problem));
        }
        Ok(())
    }
}
