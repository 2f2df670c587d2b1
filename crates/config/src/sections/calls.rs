//! `[calls]`.

use crate::section::section;

section! {
    /// Calls go straight from browser to browser.
    Calls = "calls" {
        /// STUN and TURN servers to name to clients, for example `stun:chat.example.org:3478`.
        uris: Vec<String> = Vec::new(), "HEARTH_CALL_URIS";
    }
}
