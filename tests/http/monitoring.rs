//! What monitoring asks: whether the server serves, and what it has answered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server, until_nothing_is_missing};
use reqwest::Method;
use serde_json::Value;

/// How long a server may take to do what its last request left to be done.
const PATIENCE: Duration = Duration::from_secs(20);

async fn text(server: &Server, path: &str) -> Result<String> {
    Ok(reqwest::get(format!("{}/{path}", server.url)).await?.text().await?)
}

/// Where a server tells its metrics that was started with `HEARTH_METRICS_LISTEN=127.0.0.1:0`.
pub(crate) fn metrics_url(server: &Server) -> Result<String> {
    let errors = server.errors();
    let (_, rest) = errors.split_once("metrics.listen=").context("no listener for metrics")?;
    let address = rest.split_whitespace().next().unwrap_or_default();
    Ok(format!("http://{address}/metrics"))
}

/// What the server says of itself once it has folded every record and has nothing left to do: a request is answered before
/// its effects have run, and each effect that is done is a record of its own.
async fn health_at_rest(server: &Server) -> Result<Value> {
    let mut health = Value::Null;
    until_nothing_is_missing(PATIENCE, async || {
        health = serde_json::from_str(&text(server, "health").await?)?;
        let rests = health["log_head"] == health["views_position"] && health["effects_waiting"] == 0;
        Ok((!rests).then(|| health.to_string()))
    })
    .await?;
    Ok(health)
}

/// One line of what is told: a name, labels and a value.
type Sample = (String, BTreeMap<String, String>, f64);

/// Reads OpenMetrics 1.0 as strictly as its readers: families are declared once and before their samples, no sample is there
/// twice, buckets grow up to their count, and the end is marked.
fn parse(text: &str) -> Result<Vec<Sample>> {
    let body = text.strip_suffix("# EOF\n").context("the end is not marked")?;
    let (mut types, mut seen, mut samples) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    for line in body.lines() {
        if let Some(about) = line.strip_prefix("# ") {
            let words: Vec<&str> = about.splitn(3, ' ').collect();
            ensure!(words.len() == 3 && ["HELP", "TYPE", "UNIT"].contains(&words[0]), "{line}");
            ensure!(words[0] != "TYPE" || types.insert(words[1].to_owned(), words[2].to_owned()).is_none(), "{line} again");
            continue;
        }
        let (key, value) = line.rsplit_once(' ').with_context(|| line.to_owned())?;
        ensure!(seen.insert(key.to_owned()), "{key} is there twice");
        let (name, labels) = key.split_once('{').unwrap_or((key, "}"));
        let suffixes = ["", "_total", "_count", "_sum", "_bucket"];
        let family = suffixes.iter().find_map(|suffix| types.get(name.strip_suffix(suffix)?));
        let kind = family.with_context(|| format!("{name} is not declared"))?;
        ensure!((kind == "counter") == name.ends_with("_total"), "{line} is a {kind}");
        let labels = labels.strip_suffix('}').with_context(|| line.to_owned())?;
        let labels: BTreeMap<String, String> = labels
            .split_terminator(',')
            .map(|label| {
                let (name, value) = label.split_once("=\"").with_context(|| line.to_owned())?;
                Ok((name.to_owned(), value.strip_suffix('"').with_context(|| line.to_owned())?.to_owned()))
            })
            .collect::<Result<_>>()?;
        samples.push((name.to_owned(), labels, value.parse().with_context(|| line.to_owned())?));
    }
    Ok(samples)
}

fn check_buckets(samples: &[Sample]) -> Result<()> {
    let mut highest: BTreeMap<BTreeMap<String, String>, f64> = BTreeMap::new();
    let durations = |suffix: &'static str| {
        samples.iter().filter(move |(name, ..)| *name == format!("hearth_request_duration_seconds_{suffix}"))
    };
    for (_, labels, value) in durations("bucket") {
        let mut labels = labels.clone();
        labels.remove("le");
        let before = highest.insert(labels, *value).unwrap_or_default();
        ensure!(before <= *value, "a bucket has less than the one below it");
    }
    for (_, labels, count) in durations("count") {
        ensure!(highest.get(labels) == Some(count), "{labels:?}: the last bucket is not the count");
    }
    ensure!(!highest.is_empty(), "no durations are told");
    Ok(())
}

#[tokio::test]
async fn metrics_are_told_on_a_listener_of_their_own_and_name_nobody() -> Result<()> {
    let server = Server::start(&[("HEARTH_METRICS_LISTEN", "127.0.0.1:0")])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(serde_json::json!({})).await?;
    for n in 0..3 {
        alice.send(&room, &n.to_string()).await?;
    }
    reqwest::get(format!("{}/_matrix/client/v3/account/whoami?alice", server.url)).await?;
    health_at_rest(&server).await?;
    let response = reqwest::get(metrics_url(&server)?).await?;
    let format = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    ensure!(format.starts_with("application/openmetrics-text; version=1.0.0"), "{format}");
    let text = response.text().await?;
    let samples = parse(&text)?;
    check_buckets(&samples)?;
    let value = |name: &str, wanted: &[(&str, &str)]| {
        let has =
            |labels: &BTreeMap<String, String>| wanted.iter().all(|(k, v)| labels.get(*k).is_some_and(|found| found == v));
        samples.iter().find(|(found, labels, _)| found == name && has(labels)).map(|(.., value)| *value)
    };
    let send = ("route", "/_matrix/client/v3/rooms/{room_id}/send/{event_type}/{txn_id}");
    let whoami = ("route", "/_matrix/client/v3/account/whoami");
    ensure!(value("hearth_requests_total", &[send, ("method", "PUT"), ("status", "200")]) == Some(3.0), "{text}");
    ensure!(value("hearth_requests_total", &[whoami, ("method", "GET"), ("status", "401")]) == Some(1.0), "{text}");
    ensure!(value("hearth_request_duration_seconds_count", &[send, ("class", "write")]) == Some(3.0), "{text}");
    ensure!(value("hearth_log_head", &[]) == value("hearth_views_position", &[]), "{text}");
    for name in ["hearth_connections", "hearth_log_head", "hearth_memory_resident_bytes", "hearth_disk_free_bytes"] {
        ensure!(value(name, &[]).is_some_and(|value| value > 0.0), "{name} in {text}");
    }
    for name in ["hearth_views_lag_records", "hearth_records_parked", "hearth_effects_waiting"] {
        ensure!(value(name, &[]) == Some(0.0), "{name} in {text}");
    }
    ensure!(!text.contains("alice") && !text.contains(&room), "{text}");
    let words = ["class", "method", "route", "status", "le"];
    for (name, labels, _) in &samples {
        ensure!(labels.keys().all(|label| words.contains(&label.as_str())), "{name}: {labels:?}");
        ensure!(labels.get("route").is_none_or(|route| route.starts_with("/_matrix/")), "{name}: {labels:?}");
    }
    let public = reqwest::get(format!("{}/metrics", server.url)).await?;
    ensure!(public.status() == 404, "clients are not told");
    Ok(())
}

#[tokio::test]
async fn refused_requests_are_counted_by_class() -> Result<()> {
    let limits = [("HEARTH_RATE_LIMITS", "on"), ("HEARTH_LOGINS_PER_MINUTE", "2"), ("HEARTH_METRICS_LISTEN", "127.0.0.1:0")];
    let server = Server::start(&limits)?;
    for _ in 0..5 {
        reqwest::Client::new().post(format!("{}/_matrix/client/v3/login", server.url)).body("{}").send().await?;
    }
    let metrics = reqwest::get(metrics_url(&server)?).await?.text().await?;
    ensure!(metrics.lines().any(|line| line == "hearth_requests_refused_total{class=\"login\"} 3"), "{metrics}");
    Ok(())
}

#[tokio::test]
async fn metrics_are_off_until_an_admin_wants_them_and_health_is_always_there() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    alice.demand(Method::GET, "v3/account/whoami", None).await?;
    ensure!(!text(&server, "metrics").await?.contains("hearth_requests_total"));
    ensure!(metrics_url(&server).is_err());
    let health = health_at_rest(&server).await?;
    ensure!(health["status"] == "ok" && health["parked"] == serde_json::json!([]), "{health}");
    ensure!(health["log_head"].as_u64().is_some_and(|head| head > 1), "{health}");
    ensure!(health["disk_free_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{health}");
    Ok(())
}

/// The words of a text that are names of metrics.
fn metrics_named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|letter: char| !(letter.is_ascii_lowercase() || letter == '_'));
    words.filter(|word| word.starts_with("hearth_")).collect()
}

/// What the page for admins and the dashboard ask for is told, under that name and with those labels.
#[tokio::test]
async fn the_dashboard_asks_for_what_is_told() -> Result<()> {
    let limits = [("HEARTH_RATE_LIMITS", "on"), ("HEARTH_LOGINS_PER_MINUTE", "2"), ("HEARTH_METRICS_LISTEN", "127.0.0.1:0")];
    let server = Server::start(&limits)?;
    // A family is declared once it has counted something.
    for _ in 0..3 {
        reqwest::Client::new().post(format!("{}/_matrix/client/v3/login", server.url)).body("{}").send().await?;
    }
    let told = reqwest::get(metrics_url(&server)?).await?.text().await?;
    let declared: BTreeSet<&str> = told.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let dashboard = include_str!("../../docs/operations/grafana-dashboard.json");
    let dashboard: Value = serde_json::from_str(dashboard)?;
    let queries =
        dashboard["panels"].as_array().context("panels")?.iter().flat_map(|panel| panel["targets"].as_array()).flatten();
    let queries: Vec<&str> = queries.filter_map(|target| target["expr"].as_str()).collect();
    ensure!(queries.len() >= 8, "{queries:?}");
    let page = include_str!("../../docs/operations/monitoring.md");
    for name in queries.iter().flat_map(|query| metrics_named(query)).chain(metrics_named(page)) {
        ensure!(declared.contains(name.trim_end_matches("_total")), "{name} is told by nobody: {declared:?}");
    }
    for label in ["status=\"", "route=\"", "method=\"", "class=\""] {
        ensure!(told.contains(label), "{label} is no label");
    }
    Ok(())
}
