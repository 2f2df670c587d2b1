//! People with accounts on the server under test.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::Server;

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON of the body; null when it is none.
    pub json: Value,
}

impl Answer {
    /// The Matrix error code, if there is one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.json["errcode"].as_str()
    }
}

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Person {
    client: Client,
    url: String,
    /// The user id.
    pub user_id: String,
    /// The device.
    pub device_id: String,
    /// The access token.
    pub token: String,
}

impl Person {
    /// Signs somebody up.
    pub async fn sign_up(server: &Server, username: &str) -> Result<Self> {
        let client = Client::new();
        let body = json!({
            "username": username,
            "password": PASSWORD,
            "auth": {"type": "m.login.dummy"},
            "org.hearth.email": format!("{username}@example.org"),
        });
        let url = format!("{}/_matrix/client/v3/register", server.url);
        let response = client.post(url).json(&body).send().await?;
        let status = response.status();
        let answer: Value = response.json().await?;
        ensure!(status == StatusCode::OK, "sign-up: {status} {answer}");
        Self::of(client, server, &answer)
    }

    /// Logs somebody in who has signed up before.
    pub async fn log_in(server: &Server, username: &str) -> Result<Self> {
        let client = Client::new();
        let body = json!({
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": username},
            "password": PASSWORD,
        });
        let url = format!("{}/_matrix/client/v3/login", server.url);
        let answer: Value = client.post(url).json(&body).send().await?.error_for_status()?.json().await?;
        Self::of(client, server, &answer)
    }

    fn of(client: Client, server: &Server, answer: &Value) -> Result<Self> {
        let text = |field: &str| answer[field].as_str().map(str::to_owned).with_context(|| format!("{field} in {answer}"));
        Ok(Self {
            client,
            url: server.url.clone(),
            user_id: text("user_id")?,
            device_id: text("device_id")?,
            token: text("access_token")?,
        })
    }

    /// The same person on new connections: those to a server that was killed break when they are used next.
    #[must_use]
    pub fn reconnected(&self) -> Self {
        Self { client: Client::new(), ..self.clone() }
    }

    /// The same person at a server that was stopped and started again, perhaps on another port.
    #[must_use]
    pub fn at(&self, server: &Server) -> Self {
        Self { url: server.url.clone(), ..self.reconnected() }
    }

    /// The same person on the way through something in front of the server.
    #[must_use]
    pub fn through(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.reconnected() }
    }

    /// Sends JSON and reads JSON. `path` begins behind `/_matrix/client/`.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Answer> {
        let mut request =
            self.client.request(method, format!("{}/_matrix/client/{path}", self.url)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok(Answer { status, json: response.json().await.unwrap_or_default() })
    }

    /// As [`Person::ask`], and everything but 200 is an error.
    pub async fn demand(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let answer = self.ask(method.clone(), path, body).await?;
        ensure!(answer.status == 200, "{method} {path}: {} {}", answer.status, answer.json);
        Ok(answer.json)
    }

    /// Creates a room and returns its id.
    pub async fn create_room(&self, body: Value) -> Result<String> {
        let answer = self.demand(Method::POST, "v3/createRoom", Some(body)).await?;
        answer["room_id"].as_str().map(str::to_owned).context("a room id")
    }

    /// Sends something that looks encrypted and returns the event id.
    pub async fn send(&self, room: &str, transaction: &str) -> Result<String> {
        let path = format!("v3/rooms/{room}/send/m.room.encrypted/{transaction}");
        let body = json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgAEnAC", "session_id": "s"});
        let answer = self.demand(Method::PUT, &path, Some(body)).await?;
        answer["event_id"].as_str().map(str::to_owned).context("an event id")
    }
}
