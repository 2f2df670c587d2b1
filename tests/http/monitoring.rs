//! What monitoring asks: whether the server serves, and what it has answered.

use anyhow::{Result, ensure};
use blackbox::{Person, Server};
use reqwest::Method;
use serde_json::Value;

async fn text(server: &Server, path: &str) -> Result<String> {
    Ok(reqwest::get(format!("{}/{path}", server.url)).await?.text().await?)
}

#[tokio::test]
async fn requests_are_counted_by_path_and_status_and_name_nobody() -> Result<()> {
    let server = Server::start(&[("HEARTH_METRICS", "true")])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(serde_json::json!({})).await?;
    for n in 0..3 {
        alice.send(&room, &n.to_string()).await?;
    }
    reqwest::get(format!("{}/_matrix/client/v3/account/whoami", server.url)).await?;
    let metrics = text(&server, "metrics").await?;
    let sent =
        "hearth_requests_total{path=\"/_matrix/client/v3/rooms/{room_id}/send/{event_type}/{txn_id}\",status=\"200\"} 3";
    let refused = "hearth_requests_total{path=\"/_matrix/client/v3/account/whoami\",status=\"401\"} 1";
    for line in [sent, refused] {
        ensure!(metrics.lines().any(|found| found == line), "{line} in {metrics}");
    }
    ensure!(metrics.contains("hearth_request_seconds_total{"), "{metrics}");
    ensure!(!metrics.contains("alice") && !metrics.contains(&room), "{metrics}");
    Ok(())
}

#[tokio::test]
async fn refused_requests_are_counted_by_class() -> Result<()> {
    let limits = [("HEARTH_RATE_LIMITS", "on"), ("HEARTH_LOGINS_PER_MINUTE", "2"), ("HEARTH_METRICS", "true")];
    let server = Server::start(&limits)?;
    for _ in 0..5 {
        reqwest::Client::new().post(format!("{}/_matrix/client/v3/login", server.url)).body("{}").send().await?;
    }
    let metrics = text(&server, "metrics").await?;
    ensure!(metrics.lines().any(|line| line == "hearth_requests_refused_total{class=\"login\"} 3"), "{metrics}");
    Ok(())
}

#[tokio::test]
async fn metrics_are_off_until_an_admin_wants_them_and_health_is_always_there() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    alice.demand(Method::GET, "v3/account/whoami", None).await?;
    ensure!(!text(&server, "metrics").await?.contains("hearth_requests_total"));
    let health: Value = serde_json::from_str(&text(&server, "health").await?)?;
    ensure!(health["status"] == "ok" && health["log_head"] == health["views_position"], "{health}");
    ensure!(health["log_head"].as_u64().is_some_and(|head| head > 1), "{health}");
    ensure!(health["effects_waiting"] == 0 && health["parked"] == serde_json::json!([]), "{health}");
    ensure!(health["disk_free_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{health}");
    Ok(())
}
