//! Whether the mail server takes what this server has to send: as far as one can go without sending.

use std::time::Duration;

use config::Config;
use mail::Trouble;
use tokio::time::timeout;

use super::finding::Finding;
use crate::mail_settings::{has_address, relay};

const CHECK: &str = "email";
/// How long it may take: somebody waits for this. What waits to be sent has more patience.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

pub(super) async fn look(config: &Config) -> Finding {
    let relay = match relay(&config.email, &config.server.name) {
        Ok(Some(relay)) => relay,
        Ok(None) => return Finding::ok(CHECK, "Switched off. Who has forgotten a password needs a link from an admin."),
        Err(error) => {
            return Finding::fail(CHECK, format!("{error:#}."), "Mend that in [email] of the settings (HEARTH_SMTP_…).");
        }
    };
    let late = || Trouble::Relay(format!("the mail server takes more than {} s to let anybody in", ANSWER_WITHIN.as_secs()));
    match timeout(ANSWER_WITHIN, relay.check()).await.unwrap_or_else(|_| Err(late())) {
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
