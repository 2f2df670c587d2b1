//! Wrong passwords, by the thousand.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http::Method;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use super::client::{Client, Outcome};
use crate::soak::address::address;

/// Of all clients together, in a second.
const PER_SECOND: u32 = 2_000;
/// How many guesses come on one connection, if the server leaves it open.
const OF_ONE_CONNECTION: u32 = 4_000;
/// How many connections come from one address before the next one is taken: the first guesses of an address wait for a hash, the others are
/// refused at once, which is what makes it thousands.
const ROUNDS_OF_ONE_ADDRESS: u32 = 100;

/// Guesses from one address, on one connection. Later rounds take other addresses.
pub(super) async fn guess(client: &Client<'_>, note: impl Fn(&Outcome)) -> Result<Outcome> {
    let [_, kind, ..] = client.from.octets();
    let from = address(kind, client.number + client.round / ROUNDS_OF_ONE_ADDRESS * client.clients);
    let mut connection = client.target.connect_from(from).await?;
    let mut ticks = interval(Duration::from_secs(1) * client.clients / PER_SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 0..OF_ONE_CONNECTION {
        ticks.tick().await;
        let body = json!({
            "type": "m.login.password",
            "identifier": { "type": "m.id.user", "user": format!("soak-guess-{number}") },
            "password": "wrong",
        });
        let (status, _) =
            connection.call(Method::POST, "/_matrix/client/v3/login", "", Bytes::from(body.to_string())).await?;
        note(&Outcome::of(status));
    }
    Ok(Outcome::Ended)
}
