//! What the cases find: two people who share nothing, each with a room, one device that was logged out.

use anyhow::{Context as _, Result};
use blackbox::{Person, Server};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::case::{Body, Case, Who};

/// What the cases find.
pub(super) struct Stage {
    client: Client,
    url: String,
    pub(super) alice: Person,
    pub(super) bob: Person,
    /// A token that was logged out.
    gone: String,
    /// The room of alice, and an event in it.
    pub(super) room: String,
    pub(super) event: String,
    /// The room of bob.
    pub(super) foreign: String,
    /// Media of alice, the last part of its address.
    pub(super) media: String,
}

impl Stage {
    pub(super) async fn set(server: &Server) -> Result<Self> {
        let alice = Person::sign_up(server, "alice").await?;
        let bob = Person::sign_up(server, "bob").await?;
        let gone = Person::log_in(server, "alice").await?;
        gone.demand(Method::POST, "v3/logout", Some(json!({}))).await?;
        let room = alice.create_room(json!({"preset": "private_chat"})).await?;
        let event = alice.send(&room, "1").await?;
        let foreign = bob.create_room(json!({"preset": "private_chat"})).await?;
        // A refused body is not read to its end, so that its connection cannot be used again.
        let client = Client::builder().pool_max_idle_per_host(0).build()?;
        let upload = client.post(format!("{}/_matrix/media/v3/upload", server.url)).bearer_auth(&alice.token);
        let upload: Value = upload.header("content-type", "text/html").body("<b>").send().await?.json().await?;
        let media = upload["content_uri"].as_str().and_then(|uri| uri.rsplit('/').next()).context("an address")?.to_owned();
        Ok(Self { client, url: server.url.clone(), alice, bob, gone: gone.token, room, event, foreign, media })
    }

    /// Sends a case; the answer as `status code`.
    pub(super) async fn send(&self, case: &Case) -> Result<String> {
        let mut request = self.client.request(case.method.clone(), format!("{}{}", self.url, case.path));
        request = match case.who {
            Who::Nobody => request,
            Who::Alice => request.bearer_auth(&self.alice.token),
            Who::Stranger => request.bearer_auth("hearth_unknown"),
            Who::Gone => request.bearer_auth(&self.gone),
            Who::Basic => request.basic_auth("alice", Some("secret")),
        };
        request = match &case.body {
            Body::None => request,
            Body::Json(json) => request.json(json),
            Body::Text(text) => request.header("content-type", "application/json").body(text.clone()),
        };
        let response = request.send().await.with_context(|| case.name.to_owned())?;
        let status = response.status().as_u16();
        let json: Value = response.json().await.unwrap_or_default();
        let code = json["errcode"].as_str().unwrap_or(if json["flows"].is_array() { "flows" } else { "" });
        Ok(format!("{status} {code}"))
    }
}
