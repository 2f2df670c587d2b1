//! Wrong passwords, by the thousand.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http::Method;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use super::{Attack, Client, Outcome, address};

/// Of all clients together, in a second.
const PER_SECOND: u32 = 2_000;
/// How many guesses come from one address before the next one is taken. Most are refused at once; the first few wait for a hash.
const OF_ONE_ADDRESS: u32 = 4_000;

/// Guesses from one address, on one connection. The next round takes another address.
pub(super) async fn guess(client: &Client<'_>, note: impl Fn(&Outcome)) -> Result<Outcome> {
    let [_, kind, ..] = client.from.octets();
    let from = address(kind, client.number + client.round * Attack::WrongPasswords.clients());
    let mut connection = client.target.connect_from(from).await?;
    let mut ticks = interval(Duration::from_secs(1) * Attack::WrongPasswords.clients() / PER_SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 0..OF_ONE_ADDRESS {
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
