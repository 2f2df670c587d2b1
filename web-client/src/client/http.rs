//! Requests that the library has no words for: where they go, and how long they may take. All others get their deadline
//! from the script in `index.html`.

use std::{future::Future, time::Duration};

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::trouble::Trouble;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::browser;

/// Where a developer's other address is kept.
const HOMESERVER_KEY: &str = "hearth.homeserver";
/// How long a server may take to answer one of these.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// What asks only whether the server is there waits no longer.
const THERE_WITHIN: Duration = Duration::from_secs(10);

/// Where a server says what it can do (<https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientversions>).
pub(super) const VERSIONS: &str = "/_matrix/client/versions";
/// The feature by which a server says that it erases what is declared to expire, and the first part of its paths.
pub(super) const EXPIRY: &str = "org.hearth.expiry";
/// The e-mail address in a sign-up, and the feature by which a server says that it sends email.
pub(super) const EMAIL: &str = "org.hearth.email";

/// The server's address: where the page came from, unless a developer put another into local storage.
pub(crate) fn homeserver() -> String {
    browser::stored(HOMESERVER_KEY).unwrap_or_else(browser::origin)
}

/// A request to the server, to be filled and sent. `path` begins with a slash and is escaped.
pub(super) fn request(method: Method, path: &str) -> RequestBuilder {
    Client::new().request(method, format!("{}{path}", homeserver())).timeout(ANSWER_WITHIN)
}

/// The status and the body of an answer, which is null when it is no JSON.
///
/// # Errors
/// [`Trouble::Unreachable`] when there was none in time.
pub(super) async fn answer(request: RequestBuilder) -> Result<(u16, Value), Trouble> {
    let answer = request.send().await.map_err(|_| Trouble::Unreachable)?;
    let status = answer.status().as_u16();
    Ok((status, answer.json().await.unwrap_or(Value::Null)))
}

/// Whether the server says that it has a feature that is not in the specification; no if it says nothing.
pub(super) async fn has_feature(name: &str) -> bool {
    let told = answer(request(Method::GET, VERSIONS)).await;
    let features = told.ok().and_then(|(_, mut body)| body.get_mut("unstable_features").map(Value::take));
    features.and_then(|features| features.get(name).and_then(Value::as_bool)).unwrap_or(false)
}

/// Whether the server answers at all.
pub(super) async fn is_there() -> bool {
    let asked = request(Method::GET, VERSIONS).timeout(THERE_WITHIN).send().await;
    asked.is_ok_and(|answer| answer.status().is_success())
}

/// Gives up what takes longer than `most_ms`, several requests together.
///
/// # Errors
/// [`Trouble::Unreachable`] then; else what `work` says.
pub(super) async fn within<T>(most_ms: u32, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    match select(Box::pin(work), TimeoutFuture::new(most_ms)).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => Err(Trouble::Unreachable),
    }
}
