//! A push gateway that answers as it is told.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle, time::timeout};

/// How a gateway answers.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// As gateways do, with the push keys that are to be told nothing any more.
    Rejects(Vec<String>),
    Status(u16),
    RedirectTo(String),
    Rubbish,
    TooLong,
    BreakOff,
    Hang,
}

#[derive(Clone)]
struct Shared {
    answer: Arc<Mutex<Answer>>,
    was_elsewhere: Arc<AtomicBool>,
    tell: mpsc::UnboundedSender<Value>,
}

/// A gateway on this machine. It ends with this.
pub(super) struct Gateway {
    address: SocketAddr,
    shared: Shared,
    told: mpsc::UnboundedReceiver<Value>,
    task: JoinHandle<()>,
}

impl Gateway {
    pub(super) async fn start() -> Result<Self> {
        Self::start_at(([127, 0, 0, 1], 0).into()).await
    }

    pub(super) async fn start_at(address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (tell, told) = mpsc::unbounded_channel();
        let answer = Arc::new(Mutex::new(Answer::Rejects(Vec::new())));
        let shared = Shared { answer, was_elsewhere: Arc::default(), tell };
        let router = Router::new().route("/_matrix/push/v1/notify", post(notify)).with_state(shared.clone());
        let serve = async move { axum::serve(listener, router).await.expect("the gateway serves") };
        Ok(Self { address, shared, told, task: tokio::spawn(serve) })
    }

    /// Where it listens, as clients name it.
    pub(super) fn url(&self) -> String {
        format!("http://{}/_matrix/push/v1/notify", self.address)
    }

    /// Answers so from now on.
    pub(super) fn answer(&self, answer: Answer) {
        *self.shared.answer.lock().expect("nobody panics with it") = answer;
    }

    /// The next notification that comes.
    pub(super) async fn next(&mut self, most: Duration) -> Result<Value> {
        let told = timeout(most, self.told.recv()).await.with_context(|| format!("nothing came in {most:?}"))?;
        told.context("the gateway has ended")
    }

    /// Whether where a redirect led was asked.
    pub(super) fn was_elsewhere(&self) -> bool {
        self.shared.was_elsewhere.load(Ordering::SeqCst)
    }

    /// Nothing has come that was not looked at.
    pub(super) fn nothing_came(&mut self) -> Result<()> {
        let came = self.told.try_recv();
        ensure!(came.is_err(), "{came:?}");
        Ok(())
    }

    /// What has come is not looked at.
    pub(super) fn forget(&mut self) {
        while self.told.try_recv().is_ok() {}
    }

    /// Goes away. Returns where it was.
    pub(super) fn stop(self) -> SocketAddr {
        self.address
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn notify(State(shared): State<Shared>, RawQuery(query): RawQuery, Json(body): Json<Value>) -> Response {
    if query.is_some() {
        shared.was_elsewhere.store(true, Ordering::SeqCst);
    }
    let answer = shared.answer.lock().expect("nobody panics with it").clone();
    // Whoever does not look any more has seen enough.
    let _gone = shared.tell.send(body["notification"].clone());
    match answer {
        Answer::Rejects(rejected) => Json(json!({ "rejected": rejected })).into_response(),
        Answer::Status(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        Answer::RedirectTo(url) => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, url)]).into_response(),
        Answer::Rubbish => "<html>It works!</html>".into_response(),
        Answer::TooLong => Json(json!({ "rejected": ["k".repeat(100_000)] })).into_response(),
        Answer::BreakOff => {
            let parts = [Ok(Bytes::from("{\"rejected\":")), Err(std::io::Error::other("no more"))];
            Body::from_stream(futures_util::stream::iter(parts)).into_response()
        }
        Answer::Hang => std::future::pending().await,
    }
}
