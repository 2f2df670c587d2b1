//! The one door to every endpoint. Declaring an endpoint names its [`Class`], and with that it has a check of the session,
//! a budget of requests, a bound on the body, a deadline, a span and counts; there is no other way to declare one.

use std::{
    future::{Future, ready},
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    http::{HeaderMap, Method, Uri, header::TRANSFER_ENCODING},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use domain::Rejection;
use engine::SubmitError;
use futures_util::{FutureExt as _, TryStreamExt as _};
use http_body_util::{BodyExt as _, Limited};
use ruma::api::{
    IncomingRequest,
    path_builder::{SinglePath, VersionHistory},
};
use tokio::time::Instant;
use tracing::Instrument;

use crate::{
    app::{App, Strangers},
    bodies::{BodyPlace, Holder, declared_length, until_sent},
    class::Class,
    client_address::ClientAddress,
    error::ApiError,
    extract::Sender,
    operator::Operator,
    own_writes::OwnWrite,
    report::Asked,
    request_id::RequestId,
};

/// How much of a body that is refused is read and forgotten, bytes.
const DRAINED_BYTES_MAX: usize = 8 << 20;
/// For how long.
const DRAIN_MAX: Duration = Duration::from_secs(2);

impl Strangers {
    /// Whether an endpoint of this class is open to people without a session: the one place that says so.
    #[must_use]
    pub const fn may_ask(self, class: Class) -> bool {
        match class {
            Class::Profile => self.profiles,
            Class::RoomList => self.public_rooms,
            class => !class.needs_session(),
        }
    }
}

/// An endpoint as it was declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path, with the names of its parts in braces.
    pub path: &'static str,
    /// What it may cost.
    pub class: Class,
}

/// Goes with the answer to a request that came with a session, for whoever has to choose between clients.
#[derive(Clone, Copy, Debug)]
pub struct KnownClient;

/// Endpoints on their way to a router, and the table of them.
#[derive(Default)]
pub(crate) struct Routes {
    table: Vec<(Route, Handle)>,
}

impl Routes {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Serves the endpoint of request type `R` by `handler`, on every path, stable and unstable, that ruma knows for it.
    pub(crate) fn endpoint<R, H, T>(self, class: Class, handler: H) -> Self
    where
        R: IncomingRequest,
        R::PathBuilder: Paths,
        H: Handler<T, App>,
        T: 'static,
    {
        self.declare(class, R::METHOD, &R::PATH_BUILDER.paths(), erased(handler))
    }

    /// Serves one method of one path, in axum's form, by `handler`.
    pub(crate) fn route<H, T>(self, class: Class, method: Method, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.paths(class, method, &[path], handler)
    }

    /// Serves one method of some paths, in axum's form, by `handler`.
    pub(crate) fn paths<H, T>(self, class: Class, method: Method, paths: &[&'static str], handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.declare(class, method, paths, erased(handler))
    }

    fn declare(mut self, class: Class, method: Method, paths: &[&'static str], handle: Handle) -> Self {
        let declared = paths.iter().map(|path| (Route { method: method.clone(), path, class }, handle.clone()));
        self.table.extend(declared);
        self
    }

    /// Adds those of another area.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.table.extend(other.table);
        self
    }

    pub(crate) fn into_router(self) -> Router<App> {
        self.table.into_iter().fold(Router::new(), |router, (Route { method, path, class }, handle)| {
            let filter = MethodFilter::try_from(method).unwrap_or(MethodFilter::POST);
            router.route(path, on(filter, Door { class, path, handle }))
        })
    }

    pub(crate) fn into_table(self) -> Vec<Route> {
        self.table.into_iter().map(|(route, _)| route).collect()
    }
}

/// The paths of an endpoint, stable and unstable, in axum's form (which is ruma's: `/rooms/{room_id}`).
pub(crate) trait Paths {
    fn paths(&self) -> Vec<&'static str>;
}

impl Paths for VersionHistory {
    fn paths(&self) -> Vec<&'static str> {
        let mut paths: Vec<_> = self.unstable_paths().map(|(_, path)| path).collect();
        paths.extend(self.stable_paths().map(|(_, path)| path));
        paths.sort_unstable();
        paths.dedup();
        paths
    }
}

impl Paths for SinglePath {
    fn paths(&self) -> Vec<&'static str> {
        vec![self.path()]
    }
}

/// The handler of an endpoint, whose type does not matter any more: what is in front of handlers, axum's part included, is
/// compiled once and not for each, and none of their code is read before somebody asks for it.
type Handle = Arc<dyn Fn(Request, App) -> Answer + Send + Sync>;

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

fn erased<H, T>(handler: H) -> Handle
where
    H: Handler<T, App>,
    T: 'static,
{
    Arc::new(move |request, app| Box::pin(handler.clone().call(request, app)))
}

/// A handler behind what its class asks for.
#[derive(Clone)]
struct Door {
    class: Class,
    path: &'static str,
    handle: Handle,
}

impl Handler<Request, App> for Door {
    type Future = Answer;

    fn call(self, request: Request, app: App) -> Answer {
        watched(self.class, self.path, self.handle, request, app)
    }
}

fn watched(class: Class, path: &'static str, handle: Handle, mut request: Request, app: App) -> Answer {
    let id = request.extensions().get().cloned().unwrap_or_else(|| RequestId::next(0));
    let method = method_name(request.method());
    let span = tracing::debug_span!("request", request.id = %id, http.method = method, http.route = path);
    let deadline = class.deadline(app.settings.now().sync_timeout_max);
    let may_last = matches!(class, Class::Sync | Class::Upload | Class::Download);
    let asked = Asked { class: class.name(), method, route: path, may_last, id, began: Instant::now() };
    let counters = app.counters.clone();
    let answer = async move {
        match admit(class, &mut request, &app).await {
            Ok((_place, holder)) => {
                let bodies = app.bodies.clone();
                let is_known = matches!(holder, Some(Holder::Person(_)));
                let write = own_write(class, &mut request, &app);
                let mut answer = bodies.admit_answer(class, holder, handle(request, app).await);
                if let Some(write) = write {
                    answer = until_sent(answer, write);
                }
                if is_known {
                    answer.extensions_mut().insert(KnownClient);
                }
                answer
            }
            Err(error) => {
                // Boxed, as every waiting poll holds this future.
                Box::pin(drain(request.into_body(), DRAINED_BYTES_MAX, DRAIN_MAX)).await;
                error.into_response()
            }
        }
    };
    // Not a second `async` block: it would have room for the first one twice.
    let answer = AssertUnwindSafe(answer.instrument(span)).catch_unwind();
    Box::pin(tokio::time::timeout(deadline, answer).map(move |answer| {
        let response = match answer {
            Ok(Ok(response)) => response,
            // What panicked has said so itself, on the server's output.
            Ok(Err(_)) => ApiError::Submit(SubmitError::Fault("it panicked".into())).into_response(),
            Err(_) => ApiError::Late.into_response(),
        };
        asked.answered(response, &counters)
    }))
}

/// A method as a word that lives for ever. Routes have no others, but that HEAD is answered as GET is.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// The room that a request's body has, and whose it is.
type Admitted = (Option<Arc<BodyPlace>>, Option<Holder>);

/// Checks what the class asks for, leaves the sender for the handler, and gives the room that the body has until the answer. Whatever
/// is refused has been counted before.
async fn admit(class: Class, request: &mut Request, app: &App) -> Result<Admitted, ApiError> {
    if !app.engine.is_ready() {
        let (position, head) = app.engine.catching_up();
        return Err(ApiError::CatchingUp { position, head });
    }
    let address = request.extensions().get::<ClientAddress>().copied();
    let holder = if request.extensions().get::<Operator>().is_some() {
        // Who may read the data folder is nobody to be counted.
        None
    } else if app.settings.now().strangers.may_ask(class) {
        count_address(class, address, app)?;
        address.map(Holder::Address)
    } else {
        let bytes = bytes_to_pay(class, request.headers(), app);
        let sender = count_sender(class, bytes, request.headers(), request.uri(), address, app).await?;
        let holder = Holder::Person(sender.user_id.clone());
        request.extensions_mut().insert(sender);
        Some(holder)
    };
    bound_body(class, request)?;
    let place = app.bodies.admit(class, holder.clone(), request);
    Ok((place, holder))
}

/// The write of a device that a request is, for the extractors, which begin it when its body was read.
fn own_write(class: Class, request: &mut Request, app: &App) -> Option<Arc<OwnWrite>> {
    if !matches!(class, Class::Write | Class::Logout | Class::Bulk) {
        return None;
    }
    let write = Arc::new(app.own_writes.of(request.extensions().get::<Sender>()?));
    request.extensions_mut().insert(Arc::clone(&write));
    Some(write)
}

/// Who sends the request, whose budget it comes out of. A token that is not known comes out of the address's.
async fn count_sender(
    class: Class,
    bytes: u64,
    headers: &HeaderMap,
    uri: &Uri,
    address: Option<ClientAddress>,
    app: &App,
) -> Result<Sender, ApiError> {
    let sender = match Sender::authenticate(headers, uri, app, class.admits_locked()).await {
        Ok(sender) => sender,
        Err(error) => {
            count_address(Class::Public, address, app)?;
            return Err(error);
        }
    };
    if let Some(address) = address {
        app.limits.note_use(&sender.user_id, address);
    }
    match class {
        Class::Write | Class::Logout | Class::Bulk => app.limits.write(&sender, bytes)?,
        Class::Upload => app.limits.upload(&sender, bytes)?,
        Class::Profile | Class::RoomList | Class::Read | Class::Sync | Class::Download | Class::Public | Class::Login => {
            app.limits.read(&sender)?
        }
    }
    Ok(sender)
}

/// How many bytes a request comes out of its sender's budget with: those of its body, or as many as it may have when it does
/// not say how many. One that names neither a length nor a coding has no body (RFC 9112, section 6.3).
fn bytes_to_pay(class: Class, headers: &HeaderMap, app: &App) -> u64 {
    let most = class.body_bytes_max().unwrap_or(app.settings.now().upload_bytes_max);
    let bytes = match declared_length(headers) {
        Some(declared) => declared.min(most),
        None if headers.contains_key(TRANSFER_ENCODING) => most,
        None => 0,
    };
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

fn count_address(class: Class, address: Option<ClientAddress>, app: &App) -> Result<(), ApiError> {
    match (class, address) {
        (Class::Login, Some(address)) => app.limits.login(address),
        (_, Some(address)) => app.limits.public(address),
        // Only a request that came by no connection has no address: a test in the same process.
        (_, None) => Ok(()),
    }
}

/// Bounds the body, and refuses one that says itself that it is too large before any of it is kept.
fn bound_body(class: Class, request: &mut Request) -> Result<(), ApiError> {
    let Some(most) = class.body_bytes_max() else {
        DefaultBodyLimit::disable().apply(request);
        return Ok(());
    };
    DefaultBodyLimit::max(most).apply(request);
    if declared_length(request.headers()).is_some_and(|declared| declared > most) {
        return Err(Rejection::too_large("The request body is too large.").into());
    }
    Ok(())
}

/// Reads a refused body to its end and forgets it, so that the client hears why and can use its connection again.
pub(crate) async fn drain(body: Body, bytes_max: usize, time_max: Duration) {
    let body = Limited::new(body, bytes_max);
    let read = body.into_data_stream().try_for_each(|_| ready(Ok(())));
    // A body that is too large or too slow costs the client its connection.
    let _given_up = tokio::time::timeout(time_max, read).await;
}
