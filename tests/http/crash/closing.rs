//! Somebody closes their account: they leave every room, cannot log in, and their address is free again.

use anyhow::{Context, Result, ensure};
use blackbox::{PASSWORD, Person, Server, until_nothing_is_missing};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{
    scene::{Scene, attempt},
    upheaval::DONE_WITHIN,
};

#[derive(Clone)]
pub(super) struct Closing {
    carol: Person,
    username: String,
    erase: bool,
}

impl Closing {
    pub(super) async fn prepare(server: &Server, scene: &Scene, round: u64, erase: bool) -> Result<Self> {
        let username = format!("carol{round}");
        let carol = Person::sign_up(server, &username).await?;
        for hall in &scene.halls {
            carol.demand(Method::POST, &format!("v3/rooms/{hall}/join"), Some(json!({}))).await?;
        }
        Ok(Self { carol, username, erase })
    }

    pub(super) async fn happen(self) -> Result<Option<Value>> {
        let auth = password_of(&self.username);
        attempt(&self.carol, Method::POST, "v3/account/deactivate", json!({"erase": self.erase, "auth": auth})).await
    }

    pub(super) async fn check(self, server: &Server, scene: &Scene, was_told: bool) -> Result<()> {
        let carol = self.carol.reconnected();
        let is_closed = match carol.ask(Method::GET, "v3/account/whoami", None).await?.status {
            200 => false,
            401 => true,
            status => anyhow::bail!("whoami: {status}"),
        };
        ensure!(is_closed || !was_told, "an account is open that was closed");
        let login = post(server, "v3/login", password_of(&self.username)).await?;
        let expected = if is_closed { (403, json!("M_USER_DEACTIVATED")) } else { (200, Value::Null) };
        ensure!((login.0, login.1["errcode"].clone()) == expected, "closed: {is_closed}, and a login gives {login:?}");
        let expected = if is_closed { "leave" } else { "join" };
        for hall in &scene.halls {
            let path = format!("v3/rooms/{hall}/state/m.room.member/{}", carol.user_id);
            until_nothing_is_missing(DONE_WITHIN, async || {
                let member = scene.alice.demand(Method::GET, &path, None).await?;
                Ok((member["membership"] != expected).then(|| format!("in {hall}: {member} instead of {expected}")))
            })
            .await
            .context("a closed account")?;
        }
        self.check_address(server, is_closed).await
    }

    /// Somebody else can have the address if, and only if, the account is closed.
    async fn check_address(&self, server: &Server, is_closed: bool) -> Result<()> {
        let body = json!({
            "username": format!("{}.after", self.username),
            "password": PASSWORD,
            "auth": {"type": "m.login.dummy"},
            "org.hearth.email": format!("{}@example.org", self.username),
        });
        if !is_closed {
            let (_, answer) = post(server, "v3/register", body).await?;
            ensure!(answer["errcode"] == "M_THREEPID_IN_USE", "the address of an open account: {answer}");
            return Ok(());
        }
        until_nothing_is_missing(DONE_WITHIN, async || {
            let (status, answer) = post(server, "v3/register", body.clone()).await?;
            Ok((status != 200).then(|| format!("a free address: {answer}")))
        })
        .await
    }
}

fn password_of(username: &str) -> Value {
    json!({"type": "m.login.password", "identifier": {"type": "m.id.user", "user": username}, "password": PASSWORD})
}

async fn post(server: &Server, path: &str, body: Value) -> Result<(u16, Value)> {
    let response = Client::new().post(format!("{}/_matrix/client/{path}", server.url)).json(&body).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}
