//! Email by a real mail server that refuses, delays, drops in the middle, and is away.

mod front;
mod line;
mod mail_server;

use std::{collections::HashSet, env, fs, os::unix::fs::PermissionsExt as _, process::Command, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use blackbox::{PASSWORD, Person, Server, until_nothing_is_missing};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use front::{Encrypts, Front, LOGIN};
use line::{Fault, Line};
use mail_server::{MailServer, Message, Policy};

/// Some tries with their pauses, on a machine under load.
const SOON: Duration = Duration::from_secs(90);
/// How many messages wait at most (`mail::WISHES_MAX`).
const WAITING_MAX: usize = 1_000;
/// Of those, how many are asked for at once.
const AT_ONCE: usize = 32;
/// How many of them are sent, with a stop in the middle.
const SENT: usize = 100;
const ALICE: &str = "alice@example.org";
const OTHER: &str = "alice@example.net";
const CONFIRM: &str = "/_matrix/client/unstable/org.hearth.email/confirm?token=";

fn start(settings: &[(String, String)]) -> Result<Server> {
    let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Server::start(&settings)
}

/// Waits until so many messages have arrived.
async fn arrived(mail: &MailServer, number: usize) -> Result<Vec<Message>> {
    until_nothing_is_missing(SOON, async || {
        let there = mail.messages()?.len();
        Ok((there < number).then(|| format!("{there} of {number} messages")))
    })
    .await?;
    mail.messages()
}

/// How many messages wait to be sent.
fn waiting(server: &Server) -> Result<usize> {
    Ok(fs::read_dir(server.data().join("mail"))?.count())
}

/// Waits until none does.
async fn all_gone(server: &Server) -> Result<()> {
    until_nothing_is_missing(SOON, async || {
        let waiting = waiting(server)?;
        Ok((waiting > 0).then(|| format!("{waiting} messages wait: {}", server.errors())))
    })
    .await
}

/// Waits until the server has said something.
async fn said(server: &Server, words: &str) -> Result<()> {
    until_nothing_is_missing(SOON, async || {
        let errors = server.errors();
        Ok((!errors.contains(words)).then(|| format!("{words}: {errors}")))
    })
    .await
}

async fn try_for_link(client: &Client, server: &Server, address: &str) -> Result<u16> {
    let url = format!("{}/_matrix/client/unstable/org.hearth.reset/email", server.url);
    Ok(client.post(url).json(&json!({ "email": address })).send().await?.status().as_u16())
}

async fn ask_for_link(server: &Server, address: &str) -> Result<()> {
    let status = try_for_link(&Client::new(), server, address).await?;
    ensure!(status == 200, "{status}");
    Ok(())
}

/// Settings by which mail goes over a line.
fn over(line: &Line, settings: Vec<(String, String)>) -> Vec<(String, String)> {
    changed(settings, "HEARTH_SMTP_PORT", Some(&line.port.to_string()))
}

fn changed(settings: Vec<(String, String)>, name: &str, value: Option<&str>) -> Vec<(String, String)> {
    let others = settings.into_iter().filter(|(known, _)| known != name);
    others.chain(value.map(|value| (name.to_owned(), value.to_owned()))).collect()
}

/// Where links lead.
fn web(server: &Server) -> String {
    server.url.replace("127.0.0.1", "localhost")
}

/// What the page behind a link says after its button was pressed.
async fn press(server: &Server, message: &Message) -> Result<String> {
    let token = message.after(&format!("{}{CONFIRM}", web(server)))?;
    let answer = Client::new().post(format!("{}{CONFIRM}{token}", server.url)).send().await?;
    ensure!(answer.status() == 200, "{}", answer.status());
    Ok(answer.text().await?)
}

/// Sets a new password by the link in a message.
async fn reset(server: &Server, message: &Message, password: &str) -> Result<Value> {
    let token = message.after(&format!("{}/#/reset/", web(server)))?;
    let body = json!({ "token": token, "new_password": password });
    let url = format!("{}/_matrix/client/unstable/org.hearth.reset/password", server.url);
    Ok(Client::new().post(url).json(&body).send().await?.json().await?)
}

/// What the doctor finds of something.
fn examined(server: &Server, settings: &[(String, String)], check: &str) -> Result<Value> {
    let binary = env::var_os("HEARTH_BIN").context("set HEARTH_BIN to the server's binary")?;
    let mut doctor = Command::new(binary);
    doctor.args(["doctor", "--json", "--data"]).arg(server.data()).envs(settings.iter().cloned());
    let found: Vec<Value> = serde_json::from_slice(&doctor.output()?.stdout)?;
    found.into_iter().find(|finding| finding["check"] == check).with_context(|| format!("{check} was not looked at"))
}

#[tokio::test]
async fn an_address_is_confirmed_and_a_password_reset_by_encrypted_mail() -> Result<()> {
    let mail = MailServer::start().await?;
    // It lets nobody in who does not encrypt and log in.
    let front = Front::of(&mail, Encrypts::AtOnce).await?;
    let server = start(&front.settings())?;
    let alice = Person::sign_up(&server, "alice").await?;
    let asked = arrived(&mail, 1).await?;
    let message = asked.first().context("a message")?;
    for (name, value) in [
        ("Delivered-To", ALICE),
        ("From", "Hearth <chat@example.org>"),
        ("To", ALICE),
        ("Subject", "Is this the address of @alice:localhost?"),
        ("Auto-Submitted", "auto-generated"),
    ] {
        ensure!(message.header(name)? == value, "{name}: {}", message.head);
    }
    all_gone(&server).await?;
    ensure!(press(&server, message).await?.contains("is confirmed"), "no thanks");
    ask_for_link(&server, ALICE).await?;
    let both = arrived(&mail, 2).await?;
    let [_, link] = both.as_slice() else { bail!("{} messages", both.len()) };
    ensure!(link.text.contains("does not touch your keys") && link.text.contains("recovery key"), "{}", link.text);
    let done = reset(&server, link, "a new password of hers").await?;
    ensure!(done == json!({ "user_id": alice.user_id, "ended_sessions": 1, "keys": "unchanged" }), "{done}");
    let again = reset(&server, link, "and another").await?;
    ensure!(again["errcode"] == "M_FORBIDDEN", "the link counts twice: {again}");
    ensure!(alice.ask(Method::GET, "v3/account/whoami", None).await?.status == 401, "the session goes on");
    Ok(())
}

#[tokio::test]
async fn messages_arrive_over_a_line_that_delays_and_breaks() -> Result<()> {
    let mail = MailServer::start().await?;
    let line = Line::to(mail.port(), [Fault::Break, Fault::Delay(Duration::from_secs(3))]).await?;
    let server = start(&over(&line, mail.settings()))?;
    Person::sign_up(&server, "alice").await?;
    let asked = arrived(&mail, 1).await?;
    all_gone(&server).await?;
    said(&server, "broke over the message").await?;
    ensure!(line.faults_left() == 0 && mail.messages()?.len() == 1, "half a message is none");
    press(&server, asked.first().context("a message")?).await?;

    // Taken, and nobody was told: it comes twice and is one message.
    line.next(Fault::Deafen);
    ask_for_link(&server, ALICE).await?;
    let twice = arrived(&mail, 3).await?;
    let [_, first, second] = twice.as_slice() else { bail!("{} messages", twice.len()) };
    ensure!(first.header("Message-ID")? == second.header("Message-ID")? && first.text == second.text, "{}", second.text);
    all_gone(&server).await?;
    ensure!(mail.messages()?.len() == 3, "it comes thrice");
    reset(&server, second, "a new password of hers").await.map(drop)
}

#[tokio::test]
async fn what_waits_outlives_the_process_and_holds_no_link() -> Result<()> {
    let mut mail = MailServer::away()?;
    let front = Front::of(&mail, Encrypts::Asked).await?;
    let mut server = start(&front.settings())?;
    Person::sign_up(&server, "alice").await?;
    let folder = server.data().join("mail");
    let file = fs::read_dir(&folder)?.next().context("nothing waits")??.path();
    let text = fs::read_to_string(&file)?;
    let kept: Value = serde_json::from_str(&text)?;
    let wanted = json!({ "at_ms": kept["at_ms"], "to": ALICE, "user_id": "@alice:localhost", "what": "confirm_address" });
    ensure!(kept == wanted, "{text}");
    for (path, mode) in [(file, 0o600), (folder, 0o700), (server.data().join("mail.key"), 0o600)] {
        ensure!(fs::metadata(&path)?.permissions().mode() & 0o777 == mode, "{} is open to others", path.display());
    }
    server.restart()?;
    mail.come(Policy::Takes).await?;
    let asked = arrived(&mail, 1).await?;
    let message = asked.first().context("a message")?;
    all_gone(&server).await?;
    // The key outlives it too.
    server.restart()?;
    press(&server, message).await.map(drop)
}

#[tokio::test]
async fn a_full_queue_is_told_of_and_each_message_arrives_once_over_a_stop_in_the_middle() -> Result<()> {
    let mut mail = MailServer::away()?;
    let mut server = start(&mail.settings())?;
    let alice = Person::sign_up(&server, "alice").await?;
    let auth =
        json!({ "type": "m.login.password", "identifier": { "type": "m.id.user", "user": "alice" }, "password": PASSWORD });
    let other = json!({ "org.hearth.email": OTHER, "auth": auth });
    alice.demand(Method::POST, "v3/account/3pid/add", Some(other)).await?;
    let client = Client::new();
    // Each address was asked already whether it is right.
    let addresses = (2..WAITING_MAX).map(|number| if number <= SENT { OTHER } else { ALICE });
    let asked = stream::iter(addresses).map(|address| try_for_link(&client, &server, address)).buffer_unordered(AT_ONCE);
    let statuses: Vec<u16> = asked.try_collect().await?;
    ensure!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    for address in [ALICE, "nobody@example.org"] {
        ensure!(try_for_link(&client, &server, address).await? == 429, "{address}: it is not told that too much waits");
    }
    ensure!(waiting(&server)? == WAITING_MAX, "{} wait", waiting(&server)?);
    server.restart()?;
    // Nothing is sent to an address that is nobody's any more.
    let removed = json!({ "medium": "email", "address": ALICE });
    alice.at(&server).demand(Method::POST, "v3/account/3pid/delete", Some(removed)).await?;
    mail.come(Policy::Takes).await?;
    arrived(&mail, SENT / 4).await?;
    server.hand_over()?;
    all_gone(&server).await?;
    let messages = arrived(&mail, SENT).await?;
    let ids = messages.iter().map(|message| message.header("Message-ID")).collect::<Result<HashSet<_>>>()?;
    ensure!((messages.len(), ids.len()) == (SENT, SENT), "{} of {}", ids.len(), messages.len());
    ask_for_link(&server, "nobody@example.org").await
}

#[tokio::test]
async fn whom_the_mail_server_does_not_know_is_given_up_and_named_nowhere() -> Result<()> {
    let mut mail = MailServer::away()?;
    mail.come(Policy::Refuses).await?;
    let server = start(&mail.settings())?;
    Person::sign_up(&server, "alice").await?;
    all_gone(&server).await?;
    said(&server, "refuses the recipient: 550").await?;
    // Whom it does not take now is asked again, until it does.
    mail.come(Policy::Defers).await?;
    // Whoever has not confirmed their address gets no link, and whoever has no account nothing.
    for address in ["nobody@example.org", ALICE] {
        ask_for_link(&server, address).await?;
    }
    said(&server, "does not take the recipient now: 451").await?;
    ensure!(waiting(&server)? == 1, "{} wait", waiting(&server)?);
    mail.come(Policy::Takes).await?;
    arrived(&mail, 1).await?;
    all_gone(&server).await?;
    let texts: Vec<_> = mail.messages()?.into_iter().map(|message| message.text).collect();
    let [text] = texts.as_slice() else { bail!("{texts:?}") };
    ensure!(text.contains("nobody has confirmed") && !text.contains("/#/reset/"), "{text}");
    ensure!(!server.errors().contains("alice"), "the output names somebody: {}", server.errors());
    Ok(())
}

#[tokio::test]
async fn whoever_is_erased_or_waits_for_a_server_that_is_not_set_any_more_leaves_no_address_behind() -> Result<()> {
    let mail = MailServer::away()?;
    let mut server = start(&mail.settings())?;
    let alice = Person::sign_up(&server, "alice").await?;
    Person::sign_up(&server, "bob").await?;
    ask_for_link(&server, ALICE).await?;
    ensure!(waiting(&server)? == 3, "{} wait", waiting(&server)?);
    let auth =
        json!({ "type": "m.login.password", "identifier": { "type": "m.id.user", "user": "alice" }, "password": PASSWORD });
    alice.demand(Method::POST, "v3/account/deactivate", Some(json!({ "auth": auth, "erase": true }))).await?;
    // Its turn would come later and later.
    until_nothing_is_missing(SOON, async || {
        let waiting = waiting(&server)?;
        Ok((waiting != 1).then(|| format!("{waiting} messages wait")))
    })
    .await?;
    let file = fs::read_dir(server.data().join("mail"))?.next().context("nothing waits")??.path();
    ensure!(fs::read_to_string(file)?.contains("bob@example.org"), "what waits is not Bob's");

    // Nobody would look after what waits for a mail server that is not set any more.
    let names: Vec<_> = mail.settings().into_iter().map(|(name, _)| name).collect();
    server.restart_without(&names)?;
    ensure!(!server.data().join("mail").exists(), "an address is left");
    said(&server, "what waited for one is not sent").await
}

// The front has to answer while this waits for the doctor.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_to_a_mail_server_that_does_not_prove_who_it_is_or_does_not_encrypt() -> Result<()> {
    let plain = MailServer::start().await?;
    let encrypted = Front::of(&plain, Encrypts::AtOnce).await?;
    for (settings, words) in [
        (changed(plain.settings(), "HEARTH_SMTP_TLS", Some("starttls")), "does not encrypt by STARTTLS"),
        (changed(encrypted.settings(), "HEARTH_SMTP_ROOT", None), "cannot be reached"),
        (changed(encrypted.settings(), "HEARTH_SMTP_PASSWORD", Some("wrong")), "does not take the user and password"),
    ] {
        let server = start(&settings)?;
        Person::sign_up(&server, "alice").await?;
        said(&server, words).await?;
        ensure!(waiting(&server)? == 1, "{words}: it does not wait any more");
        let doctor = examined(&server, &settings, "email")?;
        let found = doctor["found"].as_str().unwrap_or_default();
        ensure!(doctor["outcome"] == "fail" && found.contains(words), "{doctor}");
        for secret in [PASSWORD, LOGIN.1] {
            ensure!(!server.errors().contains(secret) && !doctor.to_string().contains(secret), "a password was told");
        }
    }
    let (server, settings) = (start(&encrypted.settings())?, encrypted.settings());
    let known = examined(&server, &settings, "email")?;
    let found = known["found"].as_str().unwrap_or_default();
    ensure!(known["outcome"] == "warn" && found.contains("lead to this machine's own address"), "{known}");
    let at_home = changed(settings, "HEARTH_PUBLIC_URL", Some("https://chat.example.org"));
    ensure!(examined(&server, &at_home, "email")?["outcome"] == "ok", "a good mail server is found fault with");
    fs::set_permissions(server.data().join("mail.key"), fs::Permissions::from_mode(0o644))?;
    ensure!(examined(&server, &at_home, "file modes")?["outcome"] == "fail", "the key of links is open to others");
    ensure!(plain.messages()?.is_empty(), "something was sent");
    Ok(())
}
