//! What the server tells admins of itself: what the doctor finds, sizes, backups, the log, and whether it holds.

use std::{
    io::{Seek as _, SeekFrom, Write as _},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server, until_nothing_is_missing};
use reqwest::Method;
use serde_json::{Value, json};

const ADMIN: &str = "unstable/org.hearth.admin";
/// How long a verification, or a first backup, may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

async fn admin_of(server: &Server) -> Result<Person> {
    let alice = Person::sign_up(server, "alice").await?;
    server.command(&["user", "make-admin", "alice"])?;
    Ok(alice)
}

async fn told(admin: &Person, path: &str) -> Result<Value> {
    admin.demand(Method::GET, &format!("{ADMIN}/{path}"), None).await
}

/// What came of a verification, which begins with this.
async fn verified(admin: &Person) -> Result<Value> {
    let path = format!("{ADMIN}/log/verification");
    let begun = admin.demand(Method::POST, &path, Some(json!({}))).await?;
    ensure!(begun["state"] == "running" && begun["began_at_ms"].is_u64(), "{begun}");
    let mut standing = Value::Null;
    until_nothing_is_missing(PATIENCE, async || {
        standing = told(admin, "log/verification").await?;
        Ok((standing["state"] == "running").then(|| standing.to_string()))
    })
    .await?;
    Ok(standing)
}

#[tokio::test]
async fn an_admin_is_told_how_the_server_does() -> Result<()> {
    let backups = tempfile::tempdir()?;
    let folder = backups.path().join("backups");
    let server = Server::start(&[("HEARTH_BACKUP_FOLDER", folder.to_str().context("a path in UTF-8")?)])?;
    let alice = admin_of(&server).await?;
    let standing = told(&alice, "server").await?;
    ensure!(standing["version"] == env!("CARGO_PKG_VERSION"), "{standing}");
    ensure!(standing["started_at_ms"].as_u64() > Some(1_700_000_000_000), "{standing}");
    for check in ["file modes", "disk", "log", "descriptors", "memory", "server", "sign-up"] {
        let finding = standing["findings"].as_array().context("findings")?.iter().find(|finding| finding["check"] == check);
        let finding = finding.with_context(|| format!("{check} in {standing}"))?;
        ensure!(finding["outcome"] == "ok", "{finding}");
    }
    let storage = &standing["storage"];
    ensure!(storage["log_bytes"].as_u64() > Some(0) && storage["views_bytes"].as_u64() > Some(0), "{storage}");
    ensure!(storage["disk_free_bytes"].as_u64() > Some(0), "{storage}");
    ensure!(standing["backups"]["every_hours"] == 24, "{standing}");
    until_nothing_is_missing(PATIENCE, async || {
        let backups = told(&alice, "server").await?["backups"].clone();
        let is_proved = backups["last_at_ms"].is_u64() && backups["rehearsal"]["has_passed"] == true;
        Ok((!is_proved).then(|| backups.to_string()))
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn an_admin_follows_the_log_and_has_it_verified() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = admin_of(&server).await?;
    let records = told(&alice, "log/records").await?;
    let newest = records["records"].as_array().and_then(|records| records.last()).context("a record")?.clone();
    ensure!(newest["kind"] == "account.admin_made", "{newest}");
    let room = alice.create_room(json!({})).await?;
    let later = told(&alice, &format!("log/records?after={}", newest["position"])).await?;
    let later = later["records"].as_array().context("records")?.clone();
    ensure!(later.iter().any(|record| record["kind"] == "room.pdu"), "{later:?}");
    ensure!(!serde_json::to_string(&later)?.contains(&room), "it is not told what a record is about: {later:?}");

    let log = told(&alice, "log").await?;
    let by_day = log["by_day"].as_array().context("days")?;
    let counted: u64 = by_day.iter().filter_map(|day| day["records"].as_u64()).sum();
    ensure!(by_day.len() == 30 && Some(counted) == log["records"].as_u64(), "all are of this month: {log}");
    let (key, origin) = (log["verifier_key"].as_str().context("a key")?, log["origin"].as_str().context("a name")?);
    ensure!(server.command(&["log", "stat"])?.contains(key) && origin == "localhost", "{log}");

    let standing = verified(&alice).await?;
    ensure!(standing["state"] == "ok", "{standing}");
    ensure!(standing["said"].as_str().is_some_and(|said| said.starts_with("ok: ")), "{standing}");
    ensure!(standing["records"].as_u64() > Some(0) && standing["ended_at_ms"].is_u64(), "{standing}");
    ensure!(!server.data().join("verifying").exists(), "nothing is left behind");
    // And once more, as often as one likes.
    ensure!(verified(&alice).await?["state"] == "ok");
    Ok(())
}

#[tokio::test]
async fn damage_is_found_while_the_server_runs() -> Result<()> {
    let mut server = Server::start(&[])?;
    let alice = admin_of(&server).await?;
    // What is in files is read from files: a start writes down what was in memory.
    server.restart()?;
    let alice = alice.reconnected();
    let mut spoiled = 0;
    for entry in std::fs::read_dir(server.data().join("log"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sst") {
            let mut file = std::fs::OpenOptions::new().write(true).open(&path)?;
            file.seek(SeekFrom::Start(40))?;
            file.write_all(&[0xFF; 64])?;
            spoiled += 1;
        }
    }
    ensure!(spoiled > 0, "the log has files");
    let standing = verified(&alice).await?;
    ensure!(standing["state"] == "damaged" || standing["state"] == "failed", "{standing}");
    ensure!(standing["said"].as_str().is_some_and(|said| !said.is_empty()), "it says what: {standing}");
    Ok(())
}

#[test]
fn a_program_is_told_what_a_verification_finds() -> Result<()> {
    let mut server = Server::start(&[])?;
    server.stop()?;
    let lines = server.command(&["log", "verify", "--json", "--gently"])?;
    let last: Value = serde_json::from_str(lines.lines().last().context("a line")?)?;
    ensure!(last["state"] == "whole" && last["said"].as_str().is_some_and(|said| said.starts_with("ok: ")), "{lines}");
    Ok(())
}
