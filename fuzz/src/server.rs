//! A server in this process with two people, a room and a file, and what must hold of each of its answers.

use std::{cell::RefCell, net::IpAddr, time::Duration};

use api::{
    ApiSettings, App, Authentications, Bodies, ClientAddress, Connections, Counters, Erasure, Limits, LiveSettings, Mailing,
    MediaWork, MemoryPlan, OwnWrites, Receipts, router,
};
use axum::{
    Router,
    body::{Body, Bytes},
};
use domain::{directory::Register, user::NewSession};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use testkit::Node;
use tokio::{runtime::Runtime, time};
use tower::ServiceExt as _;

use crate::Request;

/// How long any answer may take, however busy the machine.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// How long a poll that waits is waited for; then its client goes away.
const POLL_PATIENCE: Duration = Duration::from_millis(30);
/// Inputs that one server takes; then it is checked, and a new one starts.
const INPUTS_PER_SERVER: u32 = 400;
/// The bytes of the file.
const FILE_BYTES: usize = 1_000;

/// An answer that came.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// The server, and what requests name in it.
pub struct Server {
    runtime: Runtime,
    node: Node,
    router: Router,
    tokens: Vec<(&'static str, String)>,
    room: String,
    event: String,
    media: String,
    inputs: u32,
}

/// Lends the server to one input. It is another one now and then, and before it goes its log and rows are checked.
pub fn renewed(input: impl FnOnce(&Server)) {
    thread_local! {
        static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) };
    }
    SERVER.with_borrow_mut(|kept| {
        if kept.as_ref().is_some_and(|server| server.inputs >= INPUTS_PER_SERVER) {
            kept.take().into_iter().for_each(Server::check);
        }
        let server = kept.get_or_insert_with(Server::start);
        server.inputs += 1;
        input(server);
    });
}

impl Server {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (node, router, tokens) = runtime.block_on(async {
            let node = Node::start(7).unwrap();
            let mut tokens = Vec::new();
            for name in ["alice", "bob"] {
                tokens.push((name, register(&node, name).await));
            }
            let router = over(&node);
            (node, router, tokens)
        });
        let mut server = Self {
            runtime,
            node,
            router,
            tokens,
            room: String::new(),
            event: String::new(),
            media: String::new(),
            inputs: 0,
        };
        server.furnish();
        server
    }

    /// A room with both people and a message, and a file.
    fn furnish(&mut self) {
        let room = r#"{"preset":"public_chat","name":"Room","invite":["@bob:h"]}"#;
        self.room = self.told("alice POST /_matrix/client/v3/createRoom", room, "room_id");
        self.told("bob POST /_matrix/client/v3/rooms/{room}/join", "{}", "room_id");
        let message = r#"{"algorithm":"m.megolm.v1.aes-sha2","ciphertext":"x"}"#;
        self.event = self.told("alice PUT /_matrix/client/v3/rooms/{room}/send/m.room.encrypted/1", message, "event_id");
        let uri = self.told("alice POST /_matrix/media/v3/upload", &String::from_utf8(file()).unwrap(), "content_uri");
        self.media = uri.rsplit('/').next().unwrap().to_owned();
    }

    fn told(&self, line: &str, body: &str, member: &str) -> String {
        let text = format!("{line}\ncontent-type: application/json\n\n{body}");
        let answer = self.ask(&Request::all(text.as_bytes())[0]).unwrap();
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        body[member].as_str().unwrap_or_else(|| panic!("{line}: {body}")).to_owned()
    }

    /// The answer to a request, of which what holds for all answers holds; none when it is no request of HTTP, or a poll
    /// that waits.
    pub fn ask(&self, request: &Request<'_>) -> Option<Answer> {
        let path = self.named(request.path);
        let method = Method::from_bytes(request.method).ok()?;
        let mut asked = http::Request::new(Body::from(self.named_bytes(request.body)));
        *asked.uri_mut() = path.parse::<Uri>().ok().filter(|uri| uri.path().starts_with('/'))?;
        *asked.method_mut() = method;
        asked.extensions_mut().insert(ClientAddress::from(IpAddr::from([127, 0, 0, 1])));
        self.add_headers(request, asked.headers_mut());
        let is_poll = path.contains("sync") || path.contains("/events");
        let limit = if is_poll { POLL_PATIENCE } else { ANSWER_LIMIT };
        let answer = self.runtime.block_on(async {
            time::timeout(limit, async {
                let (head, body) = self.router.clone().oneshot(asked).await.unwrap().into_parts();
                let body = body.collect().await.expect("an answer ends as it began").to_bytes();
                Answer { status: head.status.as_u16(), headers: head.headers, body }
            })
            .await
        });
        let Ok(answer) = answer else {
            assert!(is_poll, "no answer within {ANSWER_LIMIT:?}: {request:?}");
            return None;
        };
        answer.check(request);
        Some(answer)
    }

    fn add_headers(&self, request: &Request<'_>, headers: &mut HeaderMap) {
        if let Some((_, token)) = self.tokens.iter().find(|(name, _)| *name == request.who) {
            headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"content-length")) {
            headers.insert(header::CONTENT_LENGTH, self.named_bytes(request.body).len().into());
        }
        for (name, value) in &request.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
                headers.append(name, value);
            }
        }
    }

    /// `{room}`, `{event}` and `{media}` stand for what is there.
    fn named(&self, text: &str) -> String {
        text.replace("{room}", &self.room).replace("{event}", &self.event).replace("{media}", &self.media)
    }

    fn named_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        std::str::from_utf8(bytes).map_or_else(|_| bytes.to_vec(), |text| self.named(text).into_bytes())
    }

    /// What the server does by itself after requests.
    pub fn settle(&self) {
        self.runtime.block_on(async { self.node.engine().unwrap().carry_out_effects().await }).unwrap();
    }

    /// Whatever was asked of it: its log is whole, and the rows are those that the log says.
    fn check(self) {
        self.settle();
        self.node.verify().unwrap();
        assert_eq!(self.node.replay_difference().unwrap().map(|difference| format!("{difference:?}")), None);
        // Its threads go with it.
        self.node.engine().unwrap().close();
    }
}

impl Answer {
    fn check(&self, request: &Request<'_>) {
        assert!(self.status < 500 || self.status == 501, "{}: {request:?}: {:?}", self.status, self.body);
        let is_json = self.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
        // Somebody's file has the type that they said, and is whatever it is; a part that is not there (416) has its type too.
        let is_file = (self.status < 400 || self.status == 416) && request.path.contains("/download/");
        if is_json && !is_file && request.method != b"HEAD" {
            let body: Value = serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {request:?}"));
            assert!(self.status < 400 || body["errcode"].is_string() || body["flows"].is_array(), "{request:?}: {body}");
        }
    }
}

/// The content of the file that is there.
pub fn file() -> Vec<u8> {
    (b'a'..=b'z').cycle().take(FILE_BYTES).collect()
}

async fn register(node: &Node, name: &str) -> String {
    let session = NewSession { device_id: Some("PHONE".into()), display_name: None, lifetime_ms: None };
    let command =
        Register { username: Some(name.to_owned()), email: None, password_phc: None, session: Some(session), token: None };
    node.engine().unwrap().submit(command).await.unwrap().session.unwrap().access_token.to_string()
}

fn over(node: &Node) -> Router {
    let memory = MemoryPlan::ample();
    router(App {
        engine: node.engine().unwrap().clone(),
        settings: LiveSettings::new(ApiSettings::default()),
        media: MediaWork::new(&memory),
        limits: Limits::new(None),
        connections: Connections::new(memory.sliding_bytes),
        bodies: Bodies::new(&memory),
        counters: Counters::default(),
        authentications: Authentications::default(),
        own_writes: OwnWrites::default(),
        mailing: Mailing::default(),
        // There is no disk.
        receipts: Receipts::new(|_| Ok(Erasure::Purging)),
        host: None,
    })
}
