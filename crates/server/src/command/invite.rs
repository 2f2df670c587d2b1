//! `hearth invite`: makes, lists and revokes invites, by the server that runs.

use std::time::Duration;

use anyhow::{Context, Result};
use hyper::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ago::moment,
    operator::{ADMIN, ask, escaped},
};
use crate::{
    cli::{Data, InviteCommand, NewInvite},
    console::{say, say_as_qr},
};

#[derive(Deserialize)]
struct Made {
    id: String,
    link: String,
    expires_at_ms: u64,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    by: String,
    note: Option<String>,
    expires_at_ms: u64,
    uses: u32,
    uses_max: u32,
    is_open: bool,
}

pub(super) fn run(command: InviteCommand) -> Result<()> {
    match command {
        InviteCommand::New(args) => new(&args),
        InviteCommand::List(data) => list(&data),
        InviteCommand::Revoke(args) => {
            ask(&args.data, Method::DELETE, &format!("{ADMIN}/invites/{}", escaped(&args.id)), &Value::Null)?;
            say(&format!("the invite {} is revoked; nobody signs up with it any more", args.id))
        }
    }
}

fn new(args: &NewInvite) -> Result<()> {
    let wanted = json!({ "uses": args.uses, "expires_after_ms": milliseconds(args.expires), "note": args.note });
    let made: Made = read(ask(&args.data, Method::POST, &format!("{ADMIN}/invites"), &wanted)?)?;
    let people = if args.uses == 1 { "one account".to_owned() } else { format!("{} accounts", args.uses) };
    say(&format!("invite {}: for {people}, {}", made.id, moment(made.expires_at_ms)))?;
    say(&made.link)?;
    say_as_qr(&made.link)
}

fn list(data: &Data) -> Result<()> {
    let answer = ask(data, Method::GET, &format!("{ADMIN}/invites"), &Value::Null)?;
    let invites: Vec<Listed> = read(answer.get("invites").cloned().unwrap_or_default())?;
    if invites.is_empty() {
        return say("there are no invites; `hearth invite new` makes one");
    }
    for invite in invites {
        let state = if invite.is_open { "open" } else { "spent" };
        let Listed { id, by, uses, uses_max, .. } = &invite;
        let note = invite.note.as_deref().unwrap_or_default();
        let end = moment(invite.expires_at_ms);
        say(format!("{id}  {state}  {uses} of {uses_max} used  {end}  by {by}  {note}").trim_end())?;
    }
    Ok(())
}

fn read<T: for<'a> Deserialize<'a>>(answer: Value) -> Result<T> {
    serde_json::from_value(answer).context("the server's answer is of another version; use the program that the server runs")
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
