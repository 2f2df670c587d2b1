//! `hearth user`: lists the accounts, and does to them what admins do, by the server that runs.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use hyper::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ago::moment,
    operator::{ADMIN, ask, escaped},
};
use crate::{
    cli::{Data, DeactivateUser, NamedUser, ReceiptOfUser, UserCommand},
    console::{say, say_as_qr},
};

#[derive(Deserialize)]
struct Page {
    users: Vec<Listed>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    user_id: String,
    is_admin: bool,
    is_locked: bool,
    is_deactivated: bool,
}

#[derive(Deserialize)]
struct Erasure {
    state: String,
    receipt: Option<String>,
}

/// How long to wait for a receipt, and between two questions.
const RECEIPT_WITHIN: Duration = Duration::from_secs(60);
const RECEIPT_PAUSE: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
struct MadeLink {
    user_id: String,
    link: String,
    expires_at_ms: u64,
}

pub(super) fn run(command: UserCommand) -> Result<()> {
    match command {
        UserCommand::List(data) => list(&data),
        UserCommand::MakeAdmin(user) => {
            let user_id = ask_about(&user, Method::PUT, &format!("{ADMIN}/admins/{}", escaped(&user.name)))?;
            say(&format!("{user_id} is an admin"))
        }
        UserCommand::UnmakeAdmin(user) => {
            let user_id = ask_about(&user, Method::DELETE, &format!("{ADMIN}/admins/{}", escaped(&user.name)))?;
            say(&format!("{user_id} is no admin"))
        }
        UserCommand::ResetLink(user) => reset_link(&user),
        UserCommand::Lock(user) => set_locked(&user, true),
        UserCommand::Unlock(user) => set_locked(&user, false),
        UserCommand::Deactivate(args) => deactivate(&args),
        UserCommand::Receipt(args) => receipt(&args),
    }
}

/// Asks something that has no body, and gives the id of the account that the answer is about.
fn ask_about(user: &NamedUser, method: Method, path: &str) -> Result<String> {
    let answer = ask(&user.data, method, path, &Value::Null)?;
    Ok(answer.get("user_id").and_then(Value::as_str).unwrap_or(&user.name).to_owned())
}

fn reset_link(user: &NamedUser) -> Result<()> {
    let path = format!("{ADMIN}/users/{}/reset_link", escaped(&user.name));
    let made: MadeLink = read(ask(&user.data, Method::POST, &path, &Value::Null)?)?;
    let end = moment(made.expires_at_ms);
    say(&format!("{}: whoever opens this link sets a new password, once; {end}", made.user_id))?;
    say(&made.link)?;
    say_as_qr(&made.link)
}

fn set_locked(user: &NamedUser, locked: bool) -> Result<()> {
    let path = format!("v1/admin/lock/{}", escaped(&user.name));
    ask(&user.data, Method::PUT, &path, &json!({ "locked": locked }))?;
    let state = if locked { "locked: nobody uses the account until it is unlocked" } else { "not locked" };
    say(&format!("{} is {state}", user.name))
}

fn deactivate(args: &DeactivateUser) -> Result<()> {
    let path = format!("{ADMIN}/users/{}/deactivate", escaped(&args.user.name));
    let answer = ask(&args.user.data, Method::POST, &path, &json!({ "erase": args.erase }))?;
    let user_id = answer.get("user_id").and_then(Value::as_str).unwrap_or(&args.user.name);
    if !args.erase {
        return say(&format!("{user_id} is closed for ever"));
    }
    say(&format!("{user_id} is closed for ever, and what can be forgotten is being erased"))?;
    say(&format!("`hearth user receipt {}` prints the receipt once it has left the disk", args.user.name))
}

/// Waits until what was erased has left the disk, which takes seconds, and on large disks longer.
#[expect(clippy::disallowed_methods, reason = "a command that waits for another process, on its only thread")]
fn receipt(args: &ReceiptOfUser) -> Result<()> {
    let path = format!("{ADMIN}/users/{}/erasure", escaped(&args.user.name));
    let begun = Instant::now();
    let receipt = loop {
        let erasure: Erasure = read(ask(&args.user.data, Method::GET, &path, &Value::Null)?)?;
        match (erasure.state.as_str(), erasure.receipt) {
            ("done", Some(receipt)) => break receipt,
            ("none", _) => bail!("nobody has asked for {} to be erased: hearth user deactivate --erase", args.user.name),
            _ if begun.elapsed() >= RECEIPT_WITHIN => {
                bail!("{} is not erased from the disk yet ({}). Ask again later.", args.user.name, erasure.state)
            }
            _ => std::thread::sleep(RECEIPT_PAUSE),
        }
    };
    match &args.output {
        Some(path) => fs::write(path, &receipt).with_context(|| format!("{} cannot be written", path.display())),
        None => say(receipt.trim_end()),
    }
}

fn list(data: &Data) -> Result<()> {
    let mut from = None;
    loop {
        let query = from.map(|from: String| format!("?from={}", escaped(&from))).unwrap_or_default();
        let page: Page = read(ask(data, Method::GET, &format!("{ADMIN}/users{query}"), &Value::Null)?)?;
        for user in page.users {
            let states = [(user.is_admin, "admin"), (user.is_locked, "locked"), (user.is_deactivated, "closed")];
            let words = states.iter().filter(|(is_so, _)| *is_so).map(|(_, word)| format!("  {word}"));
            say(&format!("{}{}", user.user_id, words.collect::<String>()))?;
        }
        from = page.next;
        if from.is_none() {
            return Ok(());
        }
    }
}

fn read<T: for<'a> Deserialize<'a>>(answer: Value) -> Result<T> {
    serde_json::from_value(answer).context("the server's answer is of another version; use the program that the server runs")
}
