//! SIGHUP: what an admin changes in the settings is taken over where that is possible, and nobody who is connected notices.

use std::{
    env, fs,
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server, until_nothing_is_missing};
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);
const OPEN: &str = "[registration]\nmode = \"open\"\n";
/// The secret is nobody's business but the clients'.
const CLOSED: &str = "[registration]\nmode = \"closed\"\n[server]\nsupport_email = \"help@example.org\"\n[calls]\nturn_uris = \
                      [\"turn:turn.example.org\"]\nturn_shared_secret = \"hush-hush\"\n[limits]\nwrites_per_second = 5\n";

/// A server whose settings stand in this file.
fn start(file: &Path) -> Result<Server> {
    fs::write(file, OPEN)?;
    let mut server = Server::start(&[("HEARTH_CONFIG", file.to_str().context("a path that is text")?)])?;
    server.restart_without(&["HEARTH_REGISTRATION".to_owned()])?;
    Ok(server)
}

async fn support(server: &Server) -> Result<Value> {
    Ok(Client::new().get(format!("{}/.well-known/matrix/support", server.url)).send().await?.json().await?)
}

/// Waits until the server has said so on its standard error.
async fn until_said(server: &Server, words: &str) -> Result<()> {
    until_nothing_is_missing(PATIENCE, async || Ok((!server.errors().contains(words)).then(|| words.to_owned()))).await
}

#[tokio::test]
async fn what_may_change_is_taken_over_and_the_rest_is_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("hearth.toml");
    let server = start(&file)?;
    let alice = Person::sign_up(&server, "alice").await?;
    let since = alice.demand(Method::GET, "v3/sync?timeout=0", None).await?;
    let path = format!("v3/sync?timeout=30000&since={}", since["next_batch"].as_str().context("a token")?);
    let poll = tokio::spawn({
        let alice = alice.clone();
        async move { alice.demand(Method::GET, &path, None).await }
    });

    fs::write(&file, CLOSED)?;
    server.hang_up()?;
    until_nothing_is_missing(PATIENCE, async || {
        let support = support(&server).await?;
        Ok((support["contacts"][0]["email_address"] != "help@example.org").then(|| support.to_string()))
    })
    .await?;
    ensure!(Person::sign_up(&server, "bob").await.is_err(), "registration is closed");
    let turn = alice.demand(Method::GET, "v3/voip/turnServer", None).await?;
    ensure!(turn["uris"].to_string().contains("turn:turn.example.org") && turn["password"].is_string(), "{turn}");
    let said = server.errors();
    for words in ["registration.mode", "is in force", "limits.writes_per_second", "counts from the next start on"] {
        ensure!(said.contains(words), "{words} in {said}");
    }
    ensure!(!said.contains("hush-hush"), "{said}");
    ensure!(!poll.is_finished(), "who waits for news goes on waiting");
    let kept = format!("v3/user/{}/account_data/org.example.news", alice.user_id);
    alice.demand(Method::PUT, &kept, Some(serde_json::json!({}))).await?;
    timeout(PATIENCE, poll).await???;
    Ok(())
}

#[tokio::test]
async fn what_does_not_read_changes_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("hearth.toml");
    let server = start(&file)?;
    for (broken, said) in [
        ("[server]\nsupport_email = \"help@example.org\"\n[registration]\nmode = \"opne\"", "opne"),
        ("[server]\nsupport_email = \"help@example.org\"\n[telemetry]\nfilter = \"nonsense=[\"", "telemetry.filter"),
    ] {
        fs::write(&file, broken)?;
        server.hang_up()?;
        until_said(&server, said).await?;
        ensure!(server.errors().contains("stay as they were"));
        ensure!(support(&server).await?["contacts"][0]["email_address"] != "help@example.org");
    }
    Person::sign_up(&server, "alice").await?;
    fs::remove_file(&file)?;
    server.hang_up()?;
    until_said(&server, "hearth.toml cannot be read").await?;
    fs::write(&file, OPEN)?;
    server.hang_up()?;
    until_said(&server, "say the same as before").await
}

#[tokio::test]
async fn what_is_printed_is_changed_as_well() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("hearth.toml");
    let server = start(&file)?;
    fs::write(&file, format!("{OPEN}[server]\nsupport_email = \"help@example.org\"\n[telemetry]\nfilter = \"error\"\n"))?;
    server.hang_up()?;
    until_nothing_is_missing(PATIENCE, async || {
        let support = support(&server).await?;
        Ok((support["contacts"][0]["email_address"] != "help@example.org").then(|| support.to_string()))
    })
    .await?;
    // What is wrong is told still, and by then all that was to be said before has been said.
    fs::write(&file, "[registration")?;
    server.hang_up()?;
    until_said(&server, "stay as they were").await?;
    ensure!(!server.errors().contains("is in force"), "{}", server.errors());
    Ok(())
}

#[tokio::test]
async fn whose_terminal_is_closed_ends() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binary = env::var("HEARTH_BIN").context("set HEARTH_BIN to the server's binary")?;
    let serve = format!("exec {binary} serve --listen 127.0.0.1:0 --data {}", folder.path().join("data").display());
    let shown = folder.path().join("shown");
    // A terminal of its own, which is gone with the program that has the other end of it.
    let mut terminal = Command::new("script")
        .args(["--quiet", "--flush", "--command", &serve])
        .arg(&shown)
        .env("SHELL", "/bin/sh")
        .env("HEARTH_STUN_LISTEN", "off")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("`script` of util-linux gives the server a terminal")?;
    let mut address = String::new();
    let started = until_nothing_is_missing(PATIENCE, async || {
        let text = fs::read_to_string(&shown).unwrap_or_default();
        let line = text.lines().find_map(|line| line.split_once("listening on http://"));
        address = line.map(|(_, address)| address.trim().to_owned()).unwrap_or_default();
        Ok(address.is_empty().then_some(text))
    })
    .await;
    terminal.kill()?;
    terminal.wait()?;
    started?;
    let is_there = || TcpStream::connect(&address).is_ok();
    until_nothing_is_missing(PATIENCE, async || Ok(is_there().then(|| "its end".to_owned()))).await
}
