//! What a client shows to the admin's TURN server: a name and password that are good for a time, as in the "TURN REST
//! API" draft (draft-uberti-behave-turn-rest) that TURN servers implement, or the ones that the admin set.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use ruma::UserId;
use sha1::Sha1;

use crate::app::{CallServers, TurnCredentials};

/// Name and password for `user` at `now_s`, in seconds since the epoch; empty when there is nothing to show.
pub(super) fn credentials(calls: &CallServers, user: &UserId, now_s: u64) -> (String, String) {
    match &calls.credentials {
        None => Default::default(),
        Some(TurnCredentials::Fixed { username, password }) => (username.clone(), password.clone()),
        Some(TurnCredentials::SharedSecret(secret)) => {
            let username = format!("{}:{user}", now_s.saturating_add(calls.ttl_s.into()));
            let password = password(secret, &username);
            (username, password)
        }
    }
}

/// Base64 of the HMAC-SHA1 of the name, keyed with the secret. SHA-1 is what the draft and the servers ask for.
fn password(secret: &str, username: &str) -> String {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(username.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use ruma::user_id;

    use super::*;

    #[test]
    fn a_password_is_good_until_the_time_in_its_name() {
        let secret = TurnCredentials::SharedSecret("north".to_owned());
        let calls = CallServers { credentials: Some(secret), ttl_s: 60, ..CallServers::default() };
        let (username, password) = credentials(&calls, user_id!("@alice:h"), 1_700_000_000);
        assert_eq!(username, "1700000060:@alice:h");
        // printf '%s' "$username" | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(password, "xER77RrdKWTaYinlMeTCMC/sSsk=");
    }

    #[test]
    fn fixed_credentials_are_given_out_as_they_are() {
        let fixed = TurnCredentials::Fixed { username: "u".to_owned(), password: "p".to_owned() };
        let calls = CallServers { credentials: Some(fixed), ..CallServers::default() };
        assert_eq!(credentials(&calls, user_id!("@alice:h"), 0), ("u".to_owned(), "p".to_owned()));
        assert_eq!(credentials(&CallServers::default(), user_id!("@alice:h"), 0), Default::default());
    }
}
