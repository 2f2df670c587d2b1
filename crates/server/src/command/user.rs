//! `hearth user`: lists the accounts and makes admins, by the server that runs.

use anyhow::{Context, Result};
use hyper::Method;
use serde::Deserialize;
use serde_json::Value;

use super::operator::{ask, escaped};
use crate::{
    cli::{Data, UserCommand},
    console::say,
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
    is_deactivated: bool,
}

pub(super) fn run(command: UserCommand) -> Result<()> {
    match command {
        UserCommand::List(data) => list(&data),
        UserCommand::MakeAdmin(args) => {
            let answer = ask(&args.data, Method::PUT, &format!("admins/{}", escaped(&args.name)), &Value::Null)?;
            let user_id = answer.get("user_id").and_then(Value::as_str).unwrap_or(&args.name);
            say(&format!("{user_id} is an admin"))
        }
    }
}

fn list(data: &Data) -> Result<()> {
    let mut from = None;
    loop {
        let query = from.map(|from: String| format!("?from={}", escaped(&from))).unwrap_or_default();
        let answer = ask(data, Method::GET, &format!("users{query}"), &Value::Null)?;
        let page: Page = serde_json::from_value(answer)
            .context("the server's answer is of another version; use the program that the server runs")?;
        for user in page.users {
            let admin = if user.is_admin { "  admin" } else { "" };
            let closed = if user.is_deactivated { "  closed" } else { "" };
            say(&format!("{}{admin}{closed}", user.user_id))?;
        }
        from = page.next;
        if from.is_none() {
            return Ok(());
        }
    }
}
