//! A client that tries again when the server fails, and an admin who starts the server again when it has ended.

use std::time::{Duration, Instant};

use axum::body::Body;
use domain::user::OpenSession;
use domain::{directory::Register, user::NewSession};
use engine::{SnapshotInterval, SubmitError};
use serde_json::Value;
use testkit::{Node, Strikes};

use crate::http::Server;

/// One fault is over at once; what comes back later than this does not come back.
const BACK_WITHIN: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(2);
/// So often that lanes start from snapshots, and from records behind them.
const SNAPSHOTS: SnapshotInterval = SnapshotInterval::every(4);

/// A server one of whose calls to its storages fails.
pub(crate) struct Stage {
    pub(crate) server: Server,
}

impl Stage {
    /// Starts the server, a second time if the fault was in the first.
    pub(crate) fn set(strikes: Strikes) -> Self {
        let mut node = Node::off(7, SNAPSHOTS, strikes);
        if node.restart().is_err() {
            node.restart().unwrap();
        }
        Self { server: Server::on(node) }
    }

    /// Stops the server as an admin does, and starts it, a second time if the fault was in the first.
    pub(crate) fn restart(&mut self) {
        assert!(self.server.restart() || self.server.restart(), "it starts when nothing fails any more");
    }

    /// Waits a moment before the next try. An engine that has ended is started again.
    async fn come_back(&mut self, since: Instant) {
        assert!(since.elapsed() < BACK_WITHIN, "it fails long after the fault");
        if self.server.node.engine().unwrap().wait_ready().is_err() {
            self.restart();
        }
        tokio::time::sleep(PAUSE).await;
    }

    /// A request that is made until it succeeds. What a storage does is never said to be the client's fault.
    pub(crate) async fn demand(&mut self, who: &str, method: &str, path: &str, body: Value) -> Value {
        let since = Instant::now();
        let path = format!("/_matrix/client/{path}");
        loop {
            let bytes = if body.is_null() { Vec::new() } else { serde_json::to_vec(&body).unwrap() };
            let answer = self.server.ask(who, method, &path, Body::from(bytes)).await;
            match answer.status {
                200 => return answer.body,
                500.. => self.come_back(since).await,
                status => panic!("{method} {path}: {status} {}", answer.body),
            }
        }
    }

    pub(crate) async fn get(&mut self, who: &str, path: &str) -> Value {
        self.demand(who, "GET", path, Value::Null).await
    }

    pub(crate) async fn put(&mut self, who: &str, path: &str, body: Value) -> Value {
        self.demand(who, "PUT", path, body).await
    }

    pub(crate) async fn post(&mut self, who: &str, path: &str, body: Value) -> Value {
        self.demand(who, "POST", path, body).await
    }

    /// Signs somebody up, with a session on the device `PHONE`. Who is told that the name is taken has it from the first try.
    pub(crate) async fn sign_up(&mut self, name: &str) {
        let since = Instant::now();
        loop {
            let command =
                Register { username: Some(name.to_owned()), email: None, password_phc: None, session: None, token: None };
            match self.server.node.engine().unwrap().submit(command).await {
                Ok(_) => break,
                Err(SubmitError::Rejected(rejection)) => {
                    assert_eq!(rejection.kind.errcode().as_str(), "M_USER_IN_USE", "{rejection}");
                    break;
                }
                Err(_) => self.come_back(since).await,
            }
        }
        loop {
            let session = NewSession { device_id: Some("PHONE".into()), display_name: None, lifetime_ms: None };
            let command = OpenSession { user_id: format!("@{name}:h").try_into().unwrap(), session };
            match self.server.node.engine().unwrap().submit(command).await {
                Ok(opened) => return self.server.logged_in(name, opened.access_token),
                Err(SubmitError::Rejected(rejection)) => panic!("{rejection}"),
                Err(_) => self.come_back(since).await,
            }
        }
    }

    /// Carries out what the server does by itself, until nothing is left.
    pub(crate) async fn settle(&mut self) {
        let since = Instant::now();
        while self.server.node.engine().unwrap().carry_out_effects().await.is_err() {
            self.come_back(since).await;
        }
    }
}
