//! The log's tree for anybody who keeps watch: the newest checkpoint and the tiles of hashes, as
//! [C2SP tlog-tiles](https://c2sp.org/tlog-tiles) has them under the prefix `/_hearth/log`. No token is needed, for there are
//! only hashes in it. The entries of the log are private, so its bundles of entries are not served.

use std::{sync::Arc, time::Duration};

use api::ClientAddress;
use axum::{
    Extension, Router,
    extract::{Path, Request, State},
    http::{
        StatusCode,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use event_log::{LogFault, TileId, TreeKeeper};
use tokio::{
    sync::{Mutex, Semaphore},
    time::Instant,
};

use crate::stun::Limit;

/// How old the checkpoint may be that is given out while there are newer records. Each is kept in the log for ever.
const CHECKPOINT_AGE_MAX: Duration = Duration::from_secs(5);
/// How long others may keep the checkpoint.
const CHECKPOINT_CACHING: &str = "public, max-age=2";
/// A tile never changes.
const TILE_CACHING: &str = "public, max-age=31536000, immutable";
/// Reads of the log's storage at once, over all who ask. A tile takes 256 small reads.
const READS_MAX: usize = 4;
/// How long a request may wait for its turn and be read for.
const DEADLINE: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Watched {
    tree: TreeKeeper,
    limit: Limit,
    reads: Arc<Semaphore>,
    newest: Arc<Mutex<Option<Newest>>>,
}

/// The checkpoint that was given out last.
struct Newest {
    made: Instant,
    note: String,
}

pub(super) fn routes(tree: TreeKeeper, limit: Limit) -> Router {
    let watched = Watched { tree, limit, reads: Arc::new(Semaphore::new(READS_MAX)), newest: Arc::default() };
    Router::new()
        .route("/_hearth/log/checkpoint", get(checkpoint))
        .route("/_hearth/log/tile/{*name}", get(tile))
        .layer(from_fn_with_state(watched.clone(), admit))
        .with_state(watched)
}

/// Counts a request by its address, and bounds its time.
async fn admit(
    State(watched): State<Watched>,
    Extension(address): Extension<ClientAddress>,
    request: Request,
    next: Next,
) -> Response {
    if !watched.limit.allows(address) {
        return later(StatusCode::TOO_MANY_REQUESTS);
    }
    let answer = tokio::time::timeout(DEADLINE, next.run(request)).await;
    answer.unwrap_or_else(|_| later(StatusCode::SERVICE_UNAVAILABLE))
}

fn later(status: StatusCode) -> Response {
    (status, [(RETRY_AFTER, "1")]).into_response()
}

/// `GET /_hearth/log/checkpoint`: a signed note, at most [`CHECKPOINT_AGE_MAX`] behind the log.
async fn checkpoint(State(watched): State<Watched>) -> Response {
    // Those who ask while one is made wait for it.
    let mut newest = watched.newest.lock().await;
    let is_fresh = newest.as_ref().is_some_and(|newest| newest.made.elapsed() < CHECKPOINT_AGE_MAX);
    if !is_fresh {
        let made = Instant::now();
        match watched.read(make_checkpoint).await {
            Ok(note) => *newest = note.map(|note| Newest { made, note }),
            Err(refusal) => return refusal,
        }
    }
    let Some(newest) = &*newest else { return StatusCode::NOT_FOUND.into_response() };
    answer("text/plain; charset=utf-8", CHECKPOINT_CACHING, newest.note.clone())
}

/// Signs a checkpoint if there are records that none covers. A full disk keeps nobody from the one before.
fn make_checkpoint(tree: &TreeKeeper) -> Result<Option<String>, LogFault> {
    let newest = match tree.checkpoint() {
        Ok(made) => made,
        Err(error) => {
            tracing::warn!(log.error = %error, "no checkpoint could be made; the one before is given out");
            tree.last_checkpoint()?
        }
    };
    Ok(newest.map(|checkpoint| checkpoint.note))
}

/// `GET /_hearth/log/tile/{L}/{N}[.p/{W}]`: hashes of 32 bytes, 256 of them or W.
async fn tile(State(watched): State<Watched>, Path(name): Path<String>) -> Response {
    let Ok(id) = name.parse::<TileId>() else { return StatusCode::NOT_FOUND.into_response() };
    match watched.read(move |tree| tree.tile(&id)).await {
        Ok(Some(hashes)) => answer("application/octet-stream", TILE_CACHING, hashes),
        // It may be there later, so that nobody is told to keep this answer.
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(refusal) => refusal,
    }
}

fn answer(kind: &'static str, caching: &'static str, body: impl IntoResponse) -> Response {
    // Anybody may keep watch, from a page of their own as well.
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, caching), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")], body).into_response()
}

impl Watched {
    /// Reads storage beside the reactor. The place among the readers is kept to the end of the read, also when nobody waits
    /// for it any more.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&TreeKeeper) -> Result<T, LogFault> + Send + 'static,
    ) -> Result<T, Response> {
        let place = Arc::clone(&self.reads).acquire_owned().await;
        let place = place.map_err(|_| later(StatusCode::SERVICE_UNAVAILABLE))?;
        let tree = self.tree.clone();
        let read = tokio::task::spawn_blocking(move || {
            let _place = place;
            read(&tree)
        });
        match read.await {
            Ok(Ok(read)) => Ok(read),
            Ok(Err(fault)) => {
                tracing::error!(log.error = %fault, "the log's tree cannot be read");
                Err(later(StatusCode::SERVICE_UNAVAILABLE))
            }
            // A panic has been reported by the panic hook already.
            Err(_panicked) => Err(later(StatusCode::SERVICE_UNAVAILABLE)),
        }
    }
}
