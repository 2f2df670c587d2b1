//! Section `calls`: voice and video.

use super::section;
use crate::ConfigError;

section! {
    /// Voice and video.
    Calls {
        /// Addresses that help two clients find each other, such as "stun:stun.example.org:3478".
        turn_uris: Vec<String> = Vec::new(), "HEARTH_TURN_URIS";
    }
}

impl Calls {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let is_uri = |uri: &String| ["stun:", "stuns:", "turn:", "turns:"].iter().any(|scheme| uri.starts_with(scheme));
        match self.turn_uris.iter().find(|uri| !is_uri(uri)) {
            Some(uri) => {
                let problem = format!("{uri:?} does not begin with stun:, stuns:, turn: or turns:");
                Err(ConfigError::value("calls.turn_uris", problem))
            }
            None => Ok(()),
        }
    }
}
