//! The operator's socket: HTTP on a Unix socket in the data folder, for `hearth invite` and `hearth user` beside the running server.
//! Whoever may open it may read the folder, and with that the server's keys; nobody else is asked for anything.

use std::{fs, io, os::unix::fs::PermissionsExt as _, path::Path, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{UnixListener, UnixStream},
    sync::Semaphore,
};
use tower::ServiceExt as _;

/// Connections at once. One command of the operator makes one.
const CONNECTIONS_MAX: usize = 4;
/// How long a connection may take, its request and its answer included.
const CONNECTION_MAX: Duration = Duration::from_secs(60);
/// How long to wait when the system cannot take another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Listens in the data folder, which is this process's alone by now, and answers until the process ends. A folder in which there can be no
/// socket has none, and says so: the server is no worse for it.
pub(super) fn spawn(path: &Path, router: Router) {
    match bind(path) {
        Ok(listener) => drop(tokio::spawn(serve(listener, router))),
        Err(error) => tracing::warn!(
            socket.path = %path.display(), socket.error = %error,
            "the operator's socket cannot be made, so that `hearth invite` and `hearth user` do not reach this server"
        ),
    }
}

fn bind(path: &Path) -> io::Result<UnixListener> {
    // One that is there is of a server that has ended: the log is open, and there is one server with it.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    // Until here the folder's own mode keeps others out.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn serve(listener: UnixListener, router: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let router = router.clone();
                tokio::spawn(async move {
                    // A connection that breaks or takes too long is its client's affair.
                    let _ended = tokio::time::timeout(CONNECTION_MAX, answer(stream, router)).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(socket.error = %error, "the operator could not be let in");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn answer(stream: UnixStream, router: Router) -> hyper::Result<()> {
    let service = service_fn(move |request: hyper::Request<_>| router.clone().oneshot(request.map(Body::new)));
    http1::Builder::new().timer(TokioTimer::new()).keep_alive(false).serve_connection(TokioIo::new(stream), service).await
}
