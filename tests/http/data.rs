//! Profiles, finding people, account data, push rules, receipts: what a client puts in it gets out again.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server, until_nothing_is_missing};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// A new name goes into the rooms after the answer; a busy machine may take longer.
const ROOMS_FOLLOW_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_new_name_is_in_the_profile_the_rooms_and_the_directory() -> Result<()> {
    let server = Server::start(&[("HEARTH_SEARCH_ALL_USERS", "on")])?;
    let (alice, bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
    let room = alice.create_room(json!({"preset": "private_chat"})).await?;
    let name = format!("v3/profile/{}/displayname", alice.user_id);
    alice.demand(Method::PUT, &name, Some(json!({"displayname": "Alice Wonder"}))).await?;
    let profile = bob.demand(Method::GET, &format!("v3/profile/{}", alice.user_id), None).await?;
    ensure!(profile == json!({"displayname": "Alice Wonder"}), "{profile}");
    // Rooms follow soon after the answer.
    let path = format!("v3/rooms/{room}/state/m.room.member/{}", alice.user_id);
    until_nothing_is_missing(ROOMS_FOLLOW_WITHIN, async || {
        let member = alice.demand(Method::GET, &path, None).await?;
        ensure!(member["membership"] == "join", "{member}");
        Ok((member["displayname"] != "Alice Wonder").then(|| member.to_string()))
    })
    .await?;
    for term in ["alice", "@alice:localhost", "wond"] {
        let found = bob.demand(Method::POST, "v3/user_directory/search", Some(json!({"search_term": term}))).await?;
        ensure!(found["results"][0]["user_id"] == alice.user_id.as_str(), "{term}: {found}");
        ensure!(found["results"][0]["display_name"] == "Alice Wonder", "{term}: {found}");
    }
    alice.demand(Method::PUT, &name, Some(json!({}))).await?;
    let profile = bob.demand(Method::GET, &name, None).await?;
    ensure!(profile == json!({}), "{profile}");
    Ok(())
}

#[tokio::test]
async fn account_data_tags_and_filters() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(json!({"preset": "private_chat"})).await?;
    let own = format!("v3/user/{}", alice.user_id);
    let direct = json!({"@bob:localhost": [room]});
    alice.demand(Method::PUT, &format!("{own}/account_data/m.direct"), Some(direct.clone())).await?;
    ensure!(alice.demand(Method::GET, &format!("{own}/account_data/m.direct"), None).await? == direct);
    let rules = alice.demand(Method::GET, &format!("{own}/account_data/m.push_rules"), None).await?;
    ensure!(rules["global"]["override"].is_array(), "{rules}");
    let tags = format!("{own}/rooms/{room}/tags");
    alice.demand(Method::PUT, &format!("{tags}/m.favourite"), Some(json!({"order": 0.5}))).await?;
    ensure!(alice.demand(Method::GET, &tags, None).await? == json!({"tags": {"m.favourite": {"order": 0.5}}}));
    alice.demand(Method::DELETE, &format!("{tags}/m.favourite"), None).await?;
    ensure!(alice.demand(Method::GET, &tags, None).await? == json!({"tags": {}}));
    let filter = json!({"room": {"timeline": {"limit": 5}}});
    let id = alice.demand(Method::POST, &format!("{own}/filter"), Some(filter.clone())).await?;
    let id = id["filter_id"].as_str().context("an id")?;
    ensure!(alice.demand(Method::GET, &format!("{own}/filter/{id}"), None).await? == filter);
    Ok(())
}

#[tokio::test]
async fn push_rules_and_pushers() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let rule = "v3/pushrules/global/content/hearth";
    let body = json!({"pattern": "hearth", "actions": ["notify", {"set_tweak": "highlight"}]});
    alice.demand(Method::PUT, rule, Some(body)).await?;
    alice.demand(Method::PUT, &format!("{rule}/enabled"), Some(json!({"enabled": false}))).await?;
    alice.demand(Method::PUT, &format!("{rule}/actions"), Some(json!({"actions": []}))).await?;
    let read = alice.demand(Method::GET, rule, None).await?;
    ensure!(read["enabled"] == false && read["actions"] == json!([]) && read["pattern"] == "hearth", "{read}");
    let all = alice.demand(Method::GET, "v3/pushrules/", None).await?;
    ensure!(all["global"]["content"].as_array().is_some_and(|rules| rules.iter().any(|rule| rule["rule_id"] == "hearth")));
    alice.demand(Method::DELETE, rule, None).await?;
    ensure!(alice.ask(Method::GET, rule, None).await?.code() == Some("M_NOT_FOUND"));
    let pusher = json!({
        "app_display_name": "Test", "app_id": "org.example", "device_display_name": "Phone", "kind": "http", "lang": "en",
        "pushkey": "key", "data": {"url": "https://push.example.org/_matrix/push/v1/notify"},
    });
    alice.demand(Method::POST, "v3/pushers/set", Some(pusher)).await?;
    let pushers = alice.demand(Method::GET, "v3/pushers", None).await?;
    ensure!(pushers["pushers"][0]["pushkey"] == "key", "{pushers}");
    let removed = json!({"app_id": "org.example", "pushkey": "key", "kind": null});
    alice.demand(Method::POST, "v3/pushers/set", Some(removed)).await?;
    ensure!(alice.demand(Method::GET, "v3/pushers", None).await? == json!({"pushers": []}));
    Ok(())
}

#[tokio::test]
async fn reading_ends_notifications() -> Result<()> {
    let server = Server::start(&[])?;
    let (alice, bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
    let room = alice.create_room(json!({"preset": "private_chat", "invite": [bob.user_id]})).await?;
    bob.demand(Method::POST, &format!("v3/join/{room}"), Some(json!({}))).await?;
    let first = alice.send(&room, "1").await?;
    let second = alice.send(&room, "2").await?;
    let unread = |sync: &Value| sync["rooms"]["join"][room.as_str()]["unread_notifications"]["notification_count"].clone();
    let sync = bob.demand(Method::GET, "v3/sync?timeout=0", None).await?;
    ensure!(unread(&sync) == 2, "{sync}");
    bob.demand(Method::POST, &format!("v3/rooms/{room}/receipt/m.read/{first}"), Some(json!({}))).await?;
    ensure!(unread(&bob.demand(Method::GET, "v3/sync?timeout=0", None).await?) == 1);
    let markers = json!({"m.fully_read": second, "m.read.private": second});
    bob.demand(Method::POST, &format!("v3/rooms/{room}/read_markers"), Some(markers)).await?;
    ensure!(unread(&bob.demand(Method::GET, "v3/sync?timeout=0", None).await?) == 0);
    let seen = alice.demand(Method::GET, "v3/sync?timeout=0", None).await?.to_string();
    ensure!(seen.contains("m.read\"") && !seen.contains("m.read.private"), "alice sees the public receipt only: {seen}");
    let notifications = bob.demand(Method::GET, "v3/notifications", None).await?;
    let notifications = notifications["notifications"].as_array().context("a list")?;
    ensure!(notifications.len() == 2 && notifications.iter().all(|one| one["read"] == true), "{notifications:?}");
    Ok(())
}

#[tokio::test]
async fn who_is_typing_and_who_is_there() -> Result<()> {
    let server = Server::start(&[])?;
    let (alice, bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
    let room = alice.create_room(json!({"preset": "private_chat", "invite": [bob.user_id]})).await?;
    bob.demand(Method::POST, &format!("v3/join/{room}"), Some(json!({}))).await?;
    let typing = format!("v3/rooms/{room}/typing/{}", alice.user_id);
    alice.demand(Method::PUT, &typing, Some(json!({"typing": true, "timeout": 30_000}))).await?;
    let sync = bob.demand(Method::GET, "v3/sync?timeout=0", None).await?.to_string();
    ensure!(sync.contains("m.typing") && sync.contains(&alice.user_id), "{sync}");
    let status = format!("v3/presence/{}/status", alice.user_id);
    alice.demand(Method::PUT, &status, Some(json!({"presence": "online", "status_msg": "Here"}))).await?;
    let presence = bob.demand(Method::GET, &status, None).await?;
    ensure!(presence["presence"] == "online" && presence["status_msg"] == "Here", "{presence}");
    Ok(())
}

#[tokio::test]
async fn what_clients_ask_first() -> Result<()> {
    let server = Server::start(&[])?;
    let get = |path: &str| Client::new().get(format!("{}{path}", server.url)).send();
    let well_known: Value = get("/.well-known/matrix/client").await?.json().await?;
    ensure!(well_known["m.homeserver"]["base_url"] == server.url.as_str(), "{well_known}");
    let versions: Value = get("/_matrix/client/versions").await?.json().await?;
    ensure!(versions["unstable_features"]["org.matrix.simplified_msc3575"] == true, "{versions}");
    ensure!(versions["versions"].as_array().is_some_and(|all| all.iter().any(|one| one == "v1.16")), "{versions}");
    let flows: Value = get("/_matrix/client/v3/login").await?.json().await?;
    ensure!(flows["flows"] == json!([{"type": "m.login.password"}]), "{flows}");
    let alice = Person::sign_up(&server, "alice").await?;
    let capabilities = alice.demand(Method::GET, "v3/capabilities", None).await?;
    ensure!(capabilities["capabilities"]["m.room_versions"]["default"] == "11", "{capabilities}");
    let turn = alice.demand(Method::GET, "v3/voip/turnServer", None).await?;
    ensure!(turn["uris"][0].as_str().is_some_and(|uri| uri.starts_with("stun:127.0.0.1:")), "{turn}");
    Ok(())
}

#[tokio::test]
async fn whoever_runs_the_server_reads_what_was_reported() -> Result<()> {
    let server = Server::start(&[])?;
    let (alice, bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
    let path = format!("v3/users/{}/report", alice.user_id);
    for reason in ["Sells stoves", "Still does"] {
        bob.demand(Method::POST, &path, Some(json!({"reason": reason}))).await?;
    }
    let listed = server.command(&["log", "reports"])?;
    let reports: Vec<Value> = listed.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let said: Vec<&Value> = reports.iter().map(|line| &line["report"]).collect();
    let expected = ["Sells stoves", "Still does"]
        .map(|reason| json!({"reason": reason, "reported_user_id": alice.user_id, "user_id": bob.user_id}));
    ensure!(said == expected.iter().collect::<Vec<_>>(), "{listed}");
    Ok(())
}
