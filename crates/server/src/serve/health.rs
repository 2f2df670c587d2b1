//! `GET /health`: what a container's health check, a load balancer and an admin ask. It needs no token, so it names no
//! person, room or content.

use std::sync::Arc;

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use engine::{Engine, Health, Status};
use event_log_rocksdb::RocksLog;
use serde::Serialize;

#[derive(Clone)]
struct Asked {
    engine: Engine,
    log: Arc<RocksLog>,
}

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    health: Health,
    /// Bytes that the disk of the log has left; none when the file system does not say.
    disk_free_bytes: Option<u64>,
}

/// 200 while everybody is served, 503 when writes are not answered; the body is [`engine::Health`] and `disk_free_bytes` as JSON.
pub(super) fn routes(engine: Engine, log: Arc<RocksLog>) -> Router {
    Router::new().route("/health", get(handle)).with_state(Asked { engine, log })
}

async fn handle(State(Asked { engine, log }): State<Asked>) -> impl IntoResponse {
    match engine.health() {
        Ok(health) => {
            let status = match health.status {
                Status::Ok | Status::Degraded => StatusCode::OK,
                Status::CatchingUp | Status::Failing => StatusCode::SERVICE_UNAVAILABLE,
            };
            (status, Json(Answer { health, disk_free_bytes: log.free_bytes().ok() })).into_response()
        }
        Err(error) => {
            tracing::error!(views.error = %error, "the views cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
