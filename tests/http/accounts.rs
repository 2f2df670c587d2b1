//! Signing up, logging in, devices, passwords and closing down, as clients do it.

use std::time::Duration;

use anyhow::{Result, ensure};
use blackbox::{PASSWORD, Person, Server, until_nothing_is_missing};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The address of a closed account is freed after the answer; a busy machine may take longer.
const FREE_WITHIN: Duration = Duration::from_secs(10);

async fn post(server: &Server, path: &str, body: Value) -> Result<(u16, Value)> {
    let response = Client::new().post(format!("{}/_matrix/client/{path}", server.url)).json(&body).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

fn password_of(user: &str, password: &str) -> Value {
    json!({"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}, "password": password})
}

async fn is_logged_in(person: &Person) -> Result<bool> {
    Ok(person.ask(Method::GET, "v3/account/whoami", None).await?.status == 200)
}

#[tokio::test]
async fn people_log_in_by_every_name_they_have() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let email = json!({"type": "m.id.thirdparty", "medium": "email", "address": "Alice@Example.org"});
    for (name, mut body) in [
        ("user name", password_of("alice", PASSWORD)),
        ("user id", password_of("@alice:localhost", PASSWORD)),
        ("capitals", password_of("Alice", PASSWORD)),
        ("address", json!({"type": "m.login.password", "identifier": email, "password": PASSWORD})),
        ("before identifiers", json!({"type": "m.login.password", "user": "alice", "password": PASSWORD})),
    ] {
        body["device_id"] = json!(alice.device_id);
        let (status, answer) = post(&server, "v3/login", body).await?;
        ensure!(status == 200 && answer["user_id"] == "@alice:localhost", "{name}: {status} {answer}");
        ensure!(answer["device_id"] == alice.device_id.as_str(), "{name}: the device that was asked for");
    }
    ensure!(!is_logged_in(&alice).await?, "a new token for a device ends the old one");
    Ok(())
}

#[tokio::test]
async fn a_sign_up_is_a_dance_of_two_requests() -> Result<()> {
    let server = Server::start(&[
        ("HEARTH_REGISTRATION", "invite"),
        ("HEARTH_REGISTRATION_TOKENS", "one-0123456789abc,two-0123456789abc"),
    ])?;
    let mut body = json!({"username": "alice", "password": PASSWORD});
    let (status, asked) = post(&server, "v3/register", body.clone()).await?;
    ensure!(status == 401 && asked["flows"][0]["stages"] == json!(["m.login.registration_token"]), "{asked}");
    let auth = |token: &str| json!({"type": "m.login.registration_token", "token": token, "session": asked["session"]});
    body["auth"] = auth("three-0123456789abc");
    ensure!(post(&server, "v3/register", body.clone()).await?.0 == 401, "a token that is none");
    body["auth"] = auth("two-0123456789abc");
    let (status, answer) = post(&server, "v3/register", body).await?;
    ensure!(status == 200 && answer["access_token"].is_string(), "{status} {answer}");

    let closed = Server::start(&[("HEARTH_REGISTRATION", "closed")])?;
    let body = json!({"username": "alice", "password": PASSWORD, "auth": {"type": "m.login.dummy"}});
    let (status, answer) = post(&closed, "v3/register", body).await?;
    ensure!(status == 403 && answer["errcode"] == "M_FORBIDDEN", "{status} {answer}");
    Ok(())
}

#[tokio::test]
async fn tokens_are_refreshed_and_outlive_a_restart() -> Result<()> {
    let mut server = Server::start(&[])?;
    Person::sign_up(&server, "alice").await?;
    let mut body = password_of("alice", PASSWORD);
    body["refresh_token"] = json!(true);
    let (_, opened) = post(&server, "v3/login", body).await?;
    ensure!(opened["expires_in_ms"].is_u64(), "{opened}");
    server.restart()?;
    let (status, first) = post(&server, "v3/refresh", json!({"refresh_token": opened["refresh_token"]})).await?;
    ensure!(status == 200 && first["access_token"] != opened["access_token"], "{status} {first}");
    // The answer may have been lost on its way.
    let (status, again) = post(&server, "v3/refresh", json!({"refresh_token": opened["refresh_token"]})).await?;
    ensure!(status == 200, "{status} {again}");
    let (status, next) = post(&server, "v3/refresh", json!({"refresh_token": again["refresh_token"]})).await?;
    ensure!(status == 200, "{status} {next}");
    server.restart()?;
    // Its successor has been used: somebody has a copy, and the session ends.
    for token in [&opened["refresh_token"], &next["refresh_token"]] {
        let (status, refused) = post(&server, "v3/refresh", json!({ "refresh_token": token })).await?;
        ensure!(status == 401 && refused["errcode"] == "M_UNKNOWN_TOKEN", "{status} {refused}");
    }
    Ok(())
}

#[tokio::test]
async fn devices_are_named_listed_and_removed() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let other = Person::log_in(&server, "alice").await?;
    let path = format!("v3/devices/{}", other.device_id);
    alice.demand(Method::PUT, &path, Some(json!({"display_name": "Laptop"}))).await?;
    let device = alice.demand(Method::GET, &path, None).await?;
    ensure!(device["display_name"] == "Laptop", "{device}");
    let asked = alice.ask(Method::DELETE, &path, Some(json!({}))).await?;
    ensure!(asked.status == 401);
    let mut auth = password_of("alice", PASSWORD);
    auth["session"] = asked.json["session"].clone();
    alice.demand(Method::DELETE, &path, Some(json!({ "auth": auth }))).await?;
    ensure!(!is_logged_in(&other).await?, "a removed device is logged out at once");
    let devices = alice.demand(Method::GET, "v3/devices", None).await?;
    ensure!(devices["devices"].as_array().is_some_and(|devices| devices.len() == 1), "{devices}");
    Ok(())
}

#[tokio::test]
async fn a_new_password_logs_the_others_out() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let other = Person::log_in(&server, "alice").await?;
    let body = json!({"new_password": "another battery", "auth": password_of("alice", PASSWORD)});
    alice.demand(Method::POST, "v3/account/password", Some(body)).await?;
    ensure!(is_logged_in(&alice).await? && !is_logged_in(&other).await?);
    ensure!(post(&server, "v3/login", password_of("alice", PASSWORD)).await?.0 == 403, "the old password");
    ensure!(post(&server, "v3/login", password_of("alice", "another battery")).await?.0 == 200, "the new password");
    alice.demand(Method::POST, "v3/logout/all", Some(json!({}))).await?;
    ensure!(!is_logged_in(&alice).await?);
    Ok(())
}

#[tokio::test]
async fn a_closed_account_is_gone_and_its_name_is_not_given_out() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let bob = Person::sign_up(&server, "bob").await?;
    alice.create_room(json!({"preset": "private_chat"})).await?;
    let body = json!({"erase": true, "auth": password_of("alice", PASSWORD)});
    alice.demand(Method::POST, "v3/account/deactivate", Some(body)).await?;
    ensure!(!is_logged_in(&alice).await?);
    let (status, answer) = post(&server, "v3/login", password_of("alice", PASSWORD)).await?;
    ensure!(status == 403 && answer["errcode"] == "M_USER_DEACTIVATED", "{answer}");
    let taken = json!({"username": "alice", "password": PASSWORD, "auth": {"type": "m.login.dummy"}});
    let (_, answer) = post(&server, "v3/register", taken).await?;
    ensure!(answer["errcode"] == "M_USER_IN_USE", "{answer}");
    let found = bob.demand(Method::POST, "v3/user_directory/search", Some(json!({"search_term": "alice"}))).await?;
    ensure!(found["results"] == json!([]), "{found}");
    let carol = json!({
        "username": "carol",
        "password": PASSWORD,
        "auth": {"type": "m.login.dummy"},
        "org.hearth.email": "alice@example.org",
    });
    until_nothing_is_missing(FREE_WITHIN, async || {
        let (status, answer) = post(&server, "v3/register", carol.clone()).await?;
        ensure!(status == 200 || answer["errcode"] == "M_THREEPID_IN_USE", "{status} {answer}");
        Ok((status != 200).then(|| "the address is not free".to_owned()))
    })
    .await
}

#[tokio::test]
async fn addresses_are_added_listed_and_removed() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let body = json!({"org.hearth.email": "second@example.org", "auth": password_of("alice", PASSWORD)});
    alice.demand(Method::POST, "v3/account/3pid/add", Some(body)).await?;
    let remove = json!({"medium": "email", "address": "alice@example.org"});
    alice.demand(Method::POST, "v3/account/3pid/delete", Some(remove)).await?;
    let listed = alice.demand(Method::GET, "v3/account/3pid", None).await?;
    ensure!(listed["threepids"].as_array().is_some_and(|all| all.len() == 1), "{listed}");
    ensure!(listed["threepids"][0]["address"] == "second@example.org", "{listed}");
    Ok(())
}

#[tokio::test]
async fn what_clients_write_in_a_burst_is_let_through() -> Result<()> {
    let server = Server::start(&[("HEARTH_RATE_LIMITS", "on")])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(json!({})).await?;
    for n in 0..200 {
        alice.send(&room, &n.to_string()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() -> Result<()> {
    let server = Server::start(&[("HEARTH_RATE_LIMITS", "on"), ("HEARTH_LOGINS_PER_MINUTE", "6")])?;
    Person::sign_up(&server, "alice").await?;
    let mut told = Vec::new();
    for _ in 0..8 {
        let (status, answer) = post(&server, "v3/login", password_of("alice", "a wrong guess")).await?;
        told.push((status, answer["errcode"].clone()));
        if status == 429 {
            ensure!(answer["retry_after_ms"].as_u64().is_some_and(|wait| (1..=60_000).contains(&wait)), "{answer}");
        }
    }
    ensure!(told.first() == Some(&(403, json!("M_FORBIDDEN"))), "{told:?}");
    ensure!(told.last() == Some(&(429, json!("M_LIMIT_EXCEEDED"))), "{told:?}");
    Ok(())
}
