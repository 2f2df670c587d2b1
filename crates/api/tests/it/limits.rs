//! Who is counted together, and what is counted besides requests. That every route is counted is tested with the door.

use std::num::NonZeroU32;

use api::RateLimits;
use domain::user::{NewSession, OpenSession};
use serde_json::{Value, json};
use testkit::TestDevice;

use crate::http::{Answer, Server};

const PASSWORD: &str = "correct horse battery";

fn number(value: u32) -> NonZeroU32 {
    NonZeroU32::new(value).unwrap()
}

/// A server on which these people have signed up with a password.
async fn server_with(people: &[&str]) -> Server {
    let mut server = Server::with(&[]).await;
    for name in people {
        let body = json!({ "username": name, "password": PASSWORD, "auth": { "type": "m.login.dummy" } });
        let registered = server.post("nobody", "v3/register", body).await;
        server.logged_in(name, registered["access_token"].as_str().unwrap().to_owned());
    }
    server
}

async fn log_in(server: &mut Server, address: [u8; 4], identifier: Value, password: &str) -> Answer {
    server.come_from(address);
    let body = json!({ "type": "m.login.password", "identifier": identifier, "password": password });
    server.call("nobody", "POST", "v3/login", body).await
}

fn named(user: &str) -> Value {
    json!({ "type": "m.id.user", "user": user })
}

/// One wrong password at once from each address, ten from all strange ones together.
fn one_mistake() -> RateLimits {
    RateLimits { failed_logins_per_hour: number(3), logins_per_minute: number(10_000), ..RateLimits::default() }
}

/// Strangers try passwords until they are not let in any more.
async fn attack(server: &mut Server, user: &str) {
    let mut statuses = Vec::new();
    for n in 0..12 {
        for _ in 0..2 {
            statuses.push(log_in(server, [10, 0, 0, n], named(user), "wrong").await.status);
        }
    }
    let guessed = statuses.iter().filter(|status| **status == 403).count();
    assert_eq!((guessed, statuses.last()), (10, Some(&429)), "{statuses:?}");
}

#[tokio::test]
async fn strangers_do_not_lock_people_out() {
    let mut server = server_with(&["alice", "bob"]).await;
    server.limit(&one_mistake());
    server.come_from([192, 0, 2, 1]);
    server.get("alice", "v3/account/whoami").await;
    attack(&mut server, "alice").await;
    for (what, address, user, password, expected) in [
        ("where she was seen before", [192, 0, 2, 1], "alice", PASSWORD, 200),
        ("there again, as what was right does not count", [192, 0, 2, 1], "alice", PASSWORD, 200),
        ("there, with a mistake", [192, 0, 2, 1], "alice", "wrong", 403),
        ("there, with one mistake too many", [192, 0, 2, 1], "alice", PASSWORD, 429),
        ("where she never was: nobody knows that it is she", [192, 0, 2, 2], "alice", PASSWORD, 429),
        ("somebody else, where she was seen", [192, 0, 2, 1], "bob", PASSWORD, 200),
        ("somebody else, where the strangers are", [10, 0, 0, 1], "bob", PASSWORD, 200),
    ] {
        let answer = log_in(&mut server, address, named(user), password).await;
        assert_eq!(answer.status, expected, "{what}: {}", answer.body);
        let wait_ms = answer.body["retry_after_ms"].as_u64();
        assert_eq!(wait_ms.is_some_and(|wait| (1..=1_200_000).contains(&wait)), expected == 429, "{what}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_session_is_asked_for_the_password_whatever_strangers_do() {
    let mut server = server_with(&["alice"]).await;
    server.limit(&one_mistake());
    attack(&mut server, "alice").await;
    // Also from an address that the strangers share.
    let prompt = async |password: &str| {
        let auth = json!({ "type": "m.login.password", "identifier": named("alice"), "password": password });
        server.call("alice", "POST", "v3/delete_devices", json!({ "devices": ["NONE"], "auth": auth })).await.status
    };
    for (password, expected) in [(PASSWORD, 200), (PASSWORD, 200), ("wrong", 401), (PASSWORD, 429)] {
        assert_eq!(prompt(password).await, expected, "{password}");
    }
}

#[tokio::test]
async fn limits_do_not_tell_who_exists() {
    let mut server = server_with(&["alice"]).await;
    let email = |address: &str| json!({ "type": "m.id.thirdparty", "medium": "email", "address": address });
    let auth = json!({ "type": "m.login.password", "identifier": named("alice"), "password": PASSWORD });
    server.post("alice", "v3/account/3pid/add", json!({ "org.hearth.email": "alice@example.org", "auth": auth })).await;
    server.limit(&one_mistake());
    let mut told = Vec::new();
    for identifier in [named("alice"), named("nobody"), email("alice@example.net"), named(&"a".repeat(256))] {
        let mut answers = Vec::new();
        for n in 0..12 {
            for _ in 0..2 {
                let answer = log_in(&mut server, [10, 0, 0, n], identifier.clone(), "wrong").await;
                answers.push((answer.status, answer.errcode().to_owned()));
            }
        }
        told.push(answers);
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
}

#[tokio::test]
async fn names_that_nobody_can_have_are_wrong_names() {
    let mut server = server_with(&["alice"]).await;
    let wrong = log_in(&mut server, [10, 0, 0, 1], named("bob"), PASSWORD).await;
    for name in ["a".repeat(256), "a".repeat(60_000), format!("@{}:h", "a".repeat(253)), "\u{0}".to_owned(), String::new()] {
        let answer = log_in(&mut server, [10, 0, 0, 1], named(&name), PASSWORD).await;
        assert_eq!((answer.status, answer.body), (403, wrong.body.clone()), "{} bytes", name.len());
    }
}

/// Two KiB a person and second, so that one device has 96 KiB at once.
fn few_bytes() -> RateLimits {
    RateLimits { write_bytes_per_second: number(2 << 10), ..RateLimits::default() }
}

#[tokio::test]
async fn a_message_to_all_devices_costs_what_it_becomes() {
    let mut server = Server::with(&["alice", "bob"]).await;
    for n in 0..9 {
        let session = NewSession { device_id: Some(format!("D{n}").into()), ..NewSession::default() };
        let open = OpenSession { user_id: ruma::owned_user_id!("@bob:h"), session };
        server.node.engine().unwrap().submit(open).await.unwrap();
    }
    let statuses = async |server: &Server, recipient: &str| {
        let mut statuses = Vec::new();
        for n in 0..3 {
            let body = json!({ "messages": { "@bob:h": { recipient: { "ciphertext": "x".repeat(4 << 10) } } } });
            let path = format!("v3/sendToDevice/m.room.encrypted/{recipient}{n}");
            statuses.push(server.call("alice", "PUT", &path, body).await.status);
        }
        statuses
    };
    server.limit(&few_bytes());
    assert_eq!(statuses(&server, "PHONE").await, [200, 200, 200]);
    server.limit(&few_bytes());
    assert_eq!(statuses(&server, "*").await, [200, 200, 429]);
}

#[tokio::test]
async fn who_takes_many_keys_of_a_device_gets_its_fallback_key() {
    let mut server = Server::with(&["alice", "bob", "carol"]).await;
    let device = TestDevice::new("@bob:h".try_into().unwrap(), "PHONE".into(), 1);
    let keys = |numbers: std::ops::Range<u32>| -> Value {
        let keys = numbers.map(|number| device.one_time_key(number).unwrap());
        Value::Object(keys.map(|(id, key)| (id, serde_json::to_value(key).unwrap())).collect())
    };
    let identity = device.identity().unwrap();
    let body = json!({ "device_keys": identity, "one_time_keys": keys(0..10), "fallback_keys": keys(10..11) });
    server.post("bob", "v3/keys/upload", body).await;
    server.limit(&RateLimits { key_claims_per_hour: number(3), ..RateLimits::default() });
    let claim = json!({ "one_time_keys": { "@bob:h": { "PHONE": "signed_curve25519" } } });
    let mut given = Vec::new();
    for who in ["alice", "alice", "alice", "alice", "alice", "carol", "bob"] {
        let claimed = server.post(who, "v3/keys/claim", claim.clone()).await;
        let (id, _) = claimed["one_time_keys"]["@bob:h"]["PHONE"].as_object().unwrap().iter().next().unwrap();
        given.push(id.clone());
    }
    let id = |number: u32| device.one_time_key(number).unwrap().0;
    assert_eq!(given, [id(0), id(1), id(2), id(10), id(10), id(3), id(4)]);
}
