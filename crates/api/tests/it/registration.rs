//! Signing up with a token: how often, how long, and what somebody without one is told.

use api::{ApiSettings, Registration};
use domain::directory::{RegistrationToken, RegistrationTokenHash};
use serde_json::{Value, json};

use crate::http::{Answer, Server};

/// When the server begins, milliseconds since the epoch.
const NOW_MS: u64 = 1_700_000_000_000;

fn token(text: &str, uses_max: Option<u32>, expires_at_ms: Option<u64>) -> RegistrationToken {
    RegistrationToken { hash: RegistrationTokenHash::of(text), uses_max, expires_at_ms }
}

/// Alice is there, and whoever comes needs one of the tokens.
async fn server() -> Server {
    let mut server = Server::with(&["alice"]).await;
    set(&mut server);
    server
}

fn set(server: &mut Server) {
    let tokens = vec![
        token("for-anybody", None, None),
        token("for-two", Some(2), None),
        token("for-one", Some(1), None),
        token("for-a-minute", None, Some(NOW_MS + 60_000)),
    ];
    server.set(ApiSettings { registration: Registration::Invite(tokens), ..ApiSettings::default() });
}

async fn sign_up(server: &Server, name: &str, token: &str) -> Answer {
    let auth = json!({ "type": "m.login.registration_token", "token": token });
    let body = json!({ "username": name, "password": "correct horse battery", "auth": auth });
    server.call("nobody", "POST", "v3/register", body).await
}

async fn is_valid(server: &Server, token: &str) -> bool {
    let path = format!("v1/register/m.login.registration_token/validity?token={token}");
    server.get("nobody", &path).await["valid"].as_bool().unwrap()
}

#[tokio::test]
async fn a_token_counts_as_often_and_as_long_as_the_admin_says() {
    let mut server = server().await;
    for (name, token, expected) in [
        ("a", "for-anybody", 200),
        ("b", "for-anybody", 200),
        ("c", "for-two", 200),
        // Nothing comes of it, so that it is no use.
        ("a", "for-two", 400),
        ("d", "for-two", 200),
        ("e", "for-two", 401),
        ("e", "for-a-minute", 200),
        ("f", "of-nobody", 401),
    ] {
        let answer = sign_up(&server, name, token).await;
        assert_eq!(answer.status, expected, "{name} with {token}: {}", answer.body);
        assert!(is_valid(&server, token).await || ["of-nobody", "for-two"].contains(&token), "{token}");
    }
    // Uses are in the log, and an end is one for everybody.
    server.node.clock.advance(60_000);
    assert!(server.restart());
    set(&mut server);
    let refused: Vec<_> = {
        let mut answers = Vec::new();
        for token in ["for-two", "for-a-minute", "of-nobody"] {
            assert!(!is_valid(&server, token).await, "{token}");
            let mut answer = sign_up(&server, "g", token).await;
            answer.body.as_object_mut().unwrap().remove("session");
            answers.push((answer.status, answer.body));
        }
        answers
    };
    assert_eq!((refused[0].0, &refused[0].1["errcode"]), (401, &Value::from("M_FORBIDDEN")));
    assert!(refused.windows(2).all(|pair| pair[0] == pair[1]), "{refused:?}");
}

#[tokio::test]
async fn of_many_who_use_the_last_use_at_once_one_comes_in() {
    let server = server().await;
    let all = futures_util::future::join_all((0..6).map(|n| {
        let server = &server;
        async move { sign_up(server, &format!("p{n}"), "for-one").await }
    }));
    let mut statuses: Vec<_> = all.await.iter().map(|answer| (answer.status, answer.body["flows"].is_array())).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], (200, false));
    assert!(statuses[1..].iter().all(|status| *status == (401, true)), "{statuses:?}");
}

#[tokio::test]
async fn whoever_has_no_token_is_not_told_which_names_are_taken() {
    let server = server().await;
    let mut told = Vec::new();
    for (name, auth) in [("alice", Value::Null), ("free", Value::Null), ("Not A Name", Value::Null)] {
        let body = json!({ "username": name, "password": "correct horse battery", "auth": auth });
        let mut answer = server.call("nobody", "POST", "v3/register", body).await;
        answer.body.as_object_mut().unwrap().remove("session");
        let path = format!("v3/register/available?username={}", name.replace(' ', "%20"));
        let available = server.call("nobody", "GET", &path, Value::Null).await;
        told.push((answer.status, answer.body, available.status, available.body));
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    assert_eq!((told[0].0, told[0].2), (401, 403));
    let taken = sign_up(&server, "alice", "for-anybody").await;
    assert_eq!((taken.status, taken.errcode()), (400, "M_USER_IN_USE"));
}
