//! Invites and the first account as whoever runs the server makes them: by the command line, beside the running server.

use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result, ensure};
use blackbox::{PASSWORD, Server};
use serde_json::{Value, json};

const INVITE_ONLY: &[(&str, &str)] = &[("HEARTH_REGISTRATION", "invite"), ("HEARTH_PUBLIC_URL", "https://chat.example.org")];

async fn sign_up(server: &Server, name: &str, token: &str) -> Result<(u16, Value)> {
    let auth = json!({ "type": "m.login.registration_token", "token": token });
    let body = json!({ "username": name, "password": PASSWORD, "auth": auth });
    let url = format!("{}/_matrix/client/v3/register", server.url);
    let answer = reqwest::Client::new().post(url).json(&body).send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

/// The token of the link that a text has in it.
fn token_in(text: &str) -> Result<String> {
    let (_, rest) = text.split_once("https://chat.example.org/#/join/").with_context(|| format!("no link in {text:?}"))?;
    Ok(rest.split_whitespace().next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn invites_are_made_listed_and_revoked_beside_the_running_server() -> Result<()> {
    let mut server = Server::start(INVITE_ONLY)?;
    let socket = server.data().join("operator.sock");
    ensure!(std::fs::metadata(&socket)?.permissions().mode() & 0o777 == 0o600, "the socket is its owner's alone");
    ensure!(std::fs::metadata(server.data())?.permissions().mode() & 0o777 == 0o700, "and so is the folder");

    let made = server.command(&["invite", "new", "--uses", "2", "--expires", "3d", "--note", "the neighbours"])?;
    let token = token_in(&made)?;
    ensure!(made.contains("2 accounts") && made.contains("expires in 3 days"), "{made}");
    ensure!(sign_up(&server, "alice", &token).await?.0 == 200);
    let listed = server.command(&["invite", "list"])?;
    ensure!(
        listed.contains("1 of 2 used") && listed.contains("by operator") && listed.contains("the neighbours"),
        "{listed}"
    );
    ensure!(!listed.contains(&token), "the token is printed once");

    // They are kept, and the socket of a server that was killed is in nobody's way.
    server.restart()?;
    let id = listed.split_whitespace().next().context("an id")?;
    server.command(&["invite", "revoke", id])?;
    ensure!(sign_up(&server, "bob", &token).await?.0 == 401);
    ensure!(server.command(&["invite", "list"])?.contains("there are no invites"));
    let twice = server.command(&["invite", "revoke", id]).err().context("it is gone")?.to_string();
    ensure!(twice.contains("There is no such invite"), "{twice}");

    // Every act is in the log, with who did it.
    let log = server.command(&["log", "export", "--with-credentials"])?;
    for kind in ["invite.made", "invite.revoked"] {
        let line = log.lines().find(|line| line.contains(kind)).with_context(|| kind.to_owned())?;
        ensure!(line.contains("operator"), "{line}");
    }
    ensure!(!log.contains(&token), "the log has the token's hash alone");
    server.stop()?;
    let stopped = server.command(&["invite", "list"]).err().context("no server runs")?.to_string();
    ensure!(stopped.contains("Start it with `hearth serve`"), "{stopped}");
    Ok(())
}

#[tokio::test]
async fn admins_are_made_beside_the_running_server() -> Result<()> {
    let server = Server::start(INVITE_ONLY)?;
    let token = token_in(&server.command(&["invite", "new"])?)?;
    let (_, alice) = sign_up(&server, "alice", &token).await?;
    let access_token = alice["access_token"].as_str().context("a session")?.to_owned();
    let url = format!("{}/_matrix/client/unstable/org.hearth.admin/invites", server.url);
    let ask = || reqwest::Client::new().get(&url).bearer_auth(&access_token).send();
    ensure!(ask().await?.status() == 403);
    ensure!(server.command(&["user", "make-admin", "alice"])?.contains("@alice:localhost is an admin"));
    ensure!(ask().await?.status() == 200);
    ensure!(server.command(&["user", "list"])?.trim() == "@alice:localhost  admin");
    let nobody = server.command(&["user", "make-admin", "nobody"]).err().context("there is no such account")?.to_string();
    ensure!(nobody.contains("There is no such account"), "{nobody}");
    Ok(())
}

#[tokio::test]
async fn a_server_without_accounts_prints_a_link_for_its_admin() -> Result<()> {
    for mode in ["open", "invite", "closed"] {
        let settings = [("HEARTH_REGISTRATION", mode), ("HEARTH_PUBLIC_URL", "https://chat.example.org")];
        let mut server = Server::start(&settings)?;
        let outdated = token_in(&server.output())?;
        server.restart()?;
        let token = token_in(&server.output())?;
        ensure!(token != outdated, "each start makes another");
        ensure!(sign_up(&server, "root", &outdated).await?.0 != 200, "{mode}");
        let (status, answer) = sign_up(&server, "root", &token).await?;
        ensure!(status == 200, "{mode}: {answer}");
        ensure!(server.command(&["user", "list"])?.trim() == "@root:localhost  admin", "{mode}");
        ensure!(sign_up(&server, "second", &token).await?.0 != 200, "{mode}: it makes one account");
        server.restart()?;
        ensure!(token_in(&server.output()).is_err(), "{mode}: there is an account");
    }
    Ok(())
}

/// What a command of the operator's is refused with.
fn refusal(server: &Server, args: &[&str]) -> Result<String> {
    Ok(server.command(args).err().with_context(|| format!("{args:?} is not refused"))?.to_string())
}

#[tokio::test]
async fn accounts_are_looked_after_beside_the_running_server() -> Result<()> {
    let mut server = Server::start(INVITE_ONLY)?;
    let token = token_in(&server.command(&["invite", "new", "--uses", "2"])?)?;
    let (_, alice) = sign_up(&server, "alice", &token).await?;
    sign_up(&server, "bob", &token).await?;
    let ask = async |path: &str, body: Value| -> Result<(u16, Value)> {
        let url = format!("{}/_matrix/client/{path}", server.url);
        let access_token = alice["access_token"].as_str().context("a session")?;
        let answer = reqwest::Client::new().post(url).bearer_auth(access_token).json(&body).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    };
    let whoami = format!("{}/_matrix/client/v3/account/whoami", server.url);
    let is_in = async || -> Result<Value> {
        let access_token = alice["access_token"].as_str().context("a session")?;
        Ok(reqwest::Client::new().get(&whoami).bearer_auth(access_token).send().await?.json().await?)
    };

    server.command(&["user", "lock", "alice"])?;
    ensure!(server.command(&["user", "list"])?.lines().next() == Some("@alice:localhost  locked"));
    let locked = is_in().await?;
    ensure!(locked["errcode"] == "M_USER_LOCKED" && locked["soft_logout"] == true, "{locked}");
    server.command(&["user", "unlock", "alice"])?;
    ensure!(is_in().await?["user_id"] == "@alice:localhost");

    let printed = server.command(&["user", "reset-link", "alice"])?;
    ensure!(printed.contains("expires in 24 hours"), "{printed}");
    let (_, rest) = printed.split_once("https://chat.example.org/#/reset/").with_context(|| printed.clone())?;
    let reset = rest.split_whitespace().next().context("a token")?.to_owned();
    let body = json!({ "token": reset, "new_password": "another good one" });
    let (status, answer) = ask("unstable/org.hearth.reset/password", body.clone()).await?;
    ensure!(status == 200 && answer["keys"] == "unchanged" && answer["ended_sessions"] == 1, "{status} {answer}");
    ensure!(is_in().await?["errcode"] == "M_UNKNOWN_TOKEN");
    ensure!(ask("unstable/org.hearth.reset/password", body).await?.0 == 403, "it is used up");

    server.command(&["user", "make-admin", "bob"])?;
    let last = refusal(&server, &["user", "unmake-admin", "bob"])?;
    ensure!(last.contains("only admin"), "{last}");
    let admin = refusal(&server, &["user", "lock", "bob"])?;
    ensure!(admin.contains("Make it none first"), "{admin}");
    server.command(&["user", "make-admin", "alice"])?;
    server.command(&["user", "unmake-admin", "alice"])?;
    server.command(&["user", "deactivate", "alice", "--erase"])?;
    ensure!(server.command(&["user", "list"])?.lines().next() == Some("@alice:localhost  closed"));
    let gone = refusal(&server, &["user", "reset-link", "alice"])?;
    ensure!(gone.contains("deactivated"), "{gone}");

    let ledger = server.command(&["log", "ledger"])?;
    let acts: Vec<Value> = ledger.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let names: Vec<_> = acts.iter().filter_map(|act| act["act"].as_str()).collect();
    let expected = [
        "invite_made",
        "account_locked",
        "account_unlocked",
        "reset_link_made",
        "admin_made",
        "admin_made",
        "admin_unmade",
        "account_deactivated",
    ];
    ensure!(names == expected, "{names:?}");
    ensure!(acts.iter().all(|act| act["by"] == "operator" && act["position"].is_u64()), "{ledger}");
    ensure!(!ledger.contains(&reset) && !server.command(&["log", "export", "--with-credentials"])?.contains(&reset));
    server.stop()?;
    ensure!(server.command(&["log", "ledger"])? == ledger, "a server that runs is not needed");
    Ok(())
}
