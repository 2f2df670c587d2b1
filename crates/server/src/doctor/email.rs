//! Whether the mail server takes what this server has to send: as far as one can go without sending.

use config::Config;
use mail::Trouble;

use super::finding::Finding;
use crate::serve::mailing::{has_address, relay};

const CHECK: &str = "email";

pub(super) async fn look(config: &Config) -> Finding {
    let relay = match relay(&config.email, &config.server.name) {
        Ok(Some(relay)) => relay,
        Ok(None) => return Finding::ok(CHECK, "Switched off. Who has forgotten a password needs a link from an admin."),
        Err(error) => {
            return Finding::fail(CHECK, format!("{error:#}."), "Mend that in [email] of the settings (HEARTH_SMTP_…).");
        }
    };
    match relay.check().await {
        Err(Trouble::Relay(why) | Trouble::Later(why) | Trouble::Refused(why)) => Finding::fail(
            CHECK,
            format!("No mail goes out: {why}."),
            "Compare host, port, tls, user and password of [email] with what the mail provider says. What waits is sent when it works, for half a day.",
        ),
        Ok(()) if !has_address(config) => Finding::warn(
            CHECK,
            "The mail server takes messages, and the links in them lead to this machine's own address.",
            "Set server.public_url (HEARTH_PUBLIC_URL) to the address under which people open the page.",
        ),
        Ok(()) => Finding::ok(CHECK, "The mail server lets this server in. Nothing was sent."),
    }
}
