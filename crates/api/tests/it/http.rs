//! A server in this process, and people who make requests to it.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use api::{
    ApiSettings, App, Authentications, Bodies, ClientAddress, Connections, Counters, Erasure, Limits, LiveSettings, Mailing,
    MediaWork, MemoryPlan, OwnWrites, RateLimits, Receipts, router,
};
use axum::{
    Router,
    body::{Body, Bytes, HttpBody as _},
    http::{HeaderMap, Request, header},
};
use domain::{
    directory::{By, MakeAdmin, Register},
    user::NewSession,
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use testkit::Node;
use tower::ServiceExt;

use crate::fake_host::FakeHost;

/// A server and the access tokens of those who signed up.
pub(crate) struct Server {
    pub(crate) node: Node,
    router: Router,
    tokens: BTreeMap<String, String>,
    mailing: Mailing,
    address: ClientAddress,
}

/// Status and body of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of a request that must have succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    pub(crate) fn errcode(&self) -> &str {
        self.body["errcode"].as_str().unwrap_or_default()
    }
}

impl Server {
    /// A server that runs and that nobody has signed up on.
    pub(crate) fn on(node: Node) -> Self {
        let mailing = Mailing::default();
        let router = build(&node, &mailing);
        Self { node, router, tokens: BTreeMap::new(), mailing, address: ClientAddress::from(IpAddr::from([127, 0, 0, 1])) }
    }

    /// A server on which these people have signed up.
    pub(crate) async fn with(people: &[&str]) -> Self {
        let mut server = Self::on(Node::start(7).unwrap());
        for name in people {
            let session = NewSession { device_id: Some("PHONE".into()), display_name: None, lifetime_ms: None };
            let command = Register {
                username: Some((*name).to_owned()),
                email: None,
                password_phc: None,
                session: Some(session),
                token: None,
            };
            let registered = server.node.engine().unwrap().submit(command).await.unwrap();
            server.logged_in(name, registered.session.unwrap().access_token);
        }
        server
    }

    /// The operator makes somebody an admin.
    pub(crate) async fn make_admin(&self, name: &str) {
        let command = MakeAdmin { by: By::Operator, user_id: format!("@{name}:h").try_into().unwrap() };
        self.node.engine().unwrap().submit(command).await.unwrap();
    }

    /// Makes requests of this name with this token from now on.
    pub(crate) fn logged_in(&mut self, name: &str, token: String) {
        self.tokens.insert(name.to_owned(), token);
    }

    /// Makes all requests from this address from now on.
    pub(crate) fn come_from(&mut self, address: [u8; 4]) {
        self.address = ClientAddress::from(IpAddr::from(address));
    }

    /// The server is stopped and started again. Says whether it started; if not, it can be tried again.
    pub(crate) fn restart(&mut self) -> bool {
        let has_started = self.node.restart().is_ok();
        if has_started {
            self.router = build(&self.node, &self.mailing);
        }
        has_started
    }

    /// The power goes, all rows with it; the server starts again.
    pub(crate) fn crash(&mut self) {
        self.node.crash(true).unwrap();
        self.router = build(&self.node, &self.mailing);
    }

    /// The server stops, records are appended as no server would, and it starts again.
    pub(crate) fn append_raw(&mut self, records: &[(&str, &str, &str)]) {
        self.node.append_raw(records).unwrap();
        self.router = build(&self.node, &self.mailing);
    }

    /// A request by `who`; nobody has no access token. `path` begins behind `/_matrix/client/`.
    pub(crate) async fn call(&self, who: &str, method: &str, path: &str, body: Value) -> Answer {
        let bytes = if body.is_null() { Vec::new() } else { serde_json::to_vec(&body).unwrap() };
        self.call_raw(who, method, path, bytes).await
    }

    pub(crate) async fn call_raw(&self, who: &str, method: &str, path: &str, body: Vec<u8>) -> Answer {
        self.call_with(who, method, &format!("/_matrix/client/{path}"), Body::from(body)).await
    }

    /// Goes by other settings from here on.
    pub(crate) fn set(&mut self, settings: ApiSettings) {
        self.router = build_with(&self.node, Limits::new(None), settings, &self.mailing);
    }

    /// Counts requests from here on, and has forgotten those before.
    pub(crate) fn limit(&mut self, limits: &RateLimits) {
        self.router = build_with(&self.node, Limits::new(Some(limits)), ApiSettings::default(), &self.mailing);
    }

    /// Sends email from here on.
    pub(crate) fn send_mail(&mut self, mailing: Mailing) {
        self.mailing = mailing;
        self.router = build(&self.node, &self.mailing);
    }

    /// A request to a whole path.
    pub(crate) async fn call_with(&self, who: &str, method: &str, path: &str, body: Body) -> Answer {
        let answer = self.ask(who, method, path, body).await;
        if method != "GET" && (200..300).contains(&answer.status) {
            // What the server does by itself soon, it has done when this returns.
            self.node.engine().unwrap().carry_out_effects().await.unwrap();
        }
        answer
    }

    /// As [`Server::call_with`], without what the server does by itself afterwards.
    pub(crate) async fn ask(&self, who: &str, method: &str, path: &str, body: Body) -> Answer {
        let (status, bytes) = self.send_raw(who, method, path, body).await;
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| panic!("{method} {path}: {status}, no JSON"));
        Answer { status, body }
    }

    /// Status and bytes of what need not be JSON.
    pub(crate) async fn raw(&self, who: &str, path: &str) -> (u16, Bytes) {
        self.send_raw(who, "GET", path, Body::empty()).await
    }

    /// Status, headers and JSON of a request by nobody, as from a page of another origin; null for a body that has none.
    pub(crate) async fn whole(&self, method: &str, path: &str, body: Body) -> (u16, HeaderMap, Value) {
        let request = Request::builder().method(method).uri(path).extension(self.address);
        let request = request.header(header::ORIGIN, "https://example.org");
        let request = request.header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET").body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (parts.status.as_u16(), parts.headers, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Status and bytes of any request.
    pub(crate) async fn send_raw(&self, who: &str, method: &str, path: &str, body: Body) -> (u16, Bytes) {
        let mut request = Request::builder().method(method).uri(path);
        request = request.extension(self.address);
        if let Some(token) = self.tokens.get(who) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        // As clients do, when they know it.
        if let Some(length) = body.size_hint().exact() {
            request = request.header(header::CONTENT_LENGTH, length);
        } else {
            request = request.header(header::TRANSFER_ENCODING, "chunked");
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes())
    }

    pub(crate) async fn get(&self, who: &str, path: &str) -> Value {
        let answer = self.call(who, "GET", path, Value::Null).await;
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
        answer.body
    }

    pub(crate) async fn post(&self, who: &str, path: &str, body: Value) -> Value {
        let answer = self.call(who, "POST", path, body).await;
        assert_eq!(answer.status, 200, "POST {path}: {}", answer.body);
        answer.body
    }

    pub(crate) async fn put(&self, who: &str, path: &str, body: Value) -> Value {
        let answer = self.call(who, "PUT", path, body).await;
        assert_eq!(answer.status, 200, "PUT {path}: {}", answer.body);
        answer.body
    }

    /// Makes a room and returns its id, with `!` and `:` escaped for paths.
    pub(crate) async fn room(&self, who: &str, body: Value) -> String {
        let created = self.post(who, "v3/createRoom", body).await;
        escaped(created["room_id"].as_str().unwrap())
    }

    /// Sends something encrypted and returns its event id, escaped for paths.
    pub(crate) async fn send(&self, who: &str, room: &str, transaction: &str, more: Value) -> String {
        let mut content = json!({ "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": transaction });
        if let (Some(content), Value::Object(more)) = (content.as_object_mut(), more) {
            content.extend(more);
        }
        let path = format!("v3/rooms/{room}/send/m.room.encrypted/{transaction}");
        escaped(self.put(who, &path, content).await["event_id"].as_str().unwrap())
    }
}

fn build(node: &Node, mailing: &Mailing) -> Router {
    build_with(node, Limits::new(None), ApiSettings::default(), mailing)
}

fn build_with(node: &Node, limits: Limits, settings: ApiSettings, mailing: &Mailing) -> Router {
    let memory = MemoryPlan::ample();
    router(App {
        engine: node.engine().unwrap().clone(),
        settings: LiveSettings::new(settings),
        media: MediaWork::new(&memory),
        limits,
        connections: Connections::new(memory.sliding_bytes),
        bodies: Bodies::new(&memory),
        counters: Counters::default(),
        authentications: Authentications::default(),
        own_writes: OwnWrites::default(),
        mailing: mailing.clone(),
        // There is no disk.
        receipts: Receipts::new(|_| Ok(Erasure::Purging)),
        host: Some(Arc::new(FakeHost::default())),
    })
}

/// An identifier as part of a path.
pub(crate) fn escaped(id: &str) -> String {
    id.replace('!', "%21")
        .replace(':', "%3A")
        .replace('$', "%24")
        .replace('#', "%23")
        .replace('@', "%40")
        .replace('+', "%2B")
        .replace('/', "%2F")
}

/// The event ids of a list of events, escaped for paths.
pub(crate) fn ids(events: &Value) -> Vec<String> {
    events.as_array().unwrap().iter().map(|event| escaped(event["event_id"].as_str().unwrap())).collect()
}
