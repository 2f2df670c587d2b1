//! Section `rooms`: what is true of all rooms.

use super::section;
use crate::ConfigError;

section! {
    /// What is true of all rooms.
    Rooms {
        /// New rooms are encrypted, and messages that are not are refused. Turn it off only for bots that cannot encrypt.
        require_encryption: bool = true, "HEARTH_REQUIRE_ENCRYPTION";
        /// The version of rooms whose creator asks for none: "10", "11" or "12".
        default_version: String = "12".to_owned(), "HEARTH_ROOM_VERSION";
    }
}

impl Rooms {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !["10", "11", "12"].contains(&self.default_version.as_str()) {
            let problem =
                format!("{:?} is not a version that rooms are made with here; expected 10, 11 or 12", self.default_version);
            return Err(ConfigError::value("rooms.default_version", problem));
        }
        Ok(())
    }
}
