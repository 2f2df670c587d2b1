//! Section `push`: what the server sends out to wake people's clients.

use super::{Check, section};

section! {
    /// Notifications for clients that sleep. Clients name the gateways that these go to.
    Push {
        /// Notifications are sent, by HTTP. Off: the server opens no connection to anywhere.
        http: bool = true, "HEARTH_PUSH_HTTP";
        /// Gateways may have addresses that are not public (this machine, the home network), and need no HTTPS. Whoever has an account can
        /// then have the server ask such addresses.
        allow_private_addresses: bool = false, "HEARTH_PUSH_ALLOW_PRIVATE_ADDRESSES";
    }
}

impl Check for Push {}
