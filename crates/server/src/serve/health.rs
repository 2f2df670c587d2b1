//! `GET /health`: what a container's health check, a load balancer and an admin ask. It needs no token, so it names no
//! person, room or content.

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use engine::{Engine, Status};

/// 200 while everybody is served, 503 when writes are not answered; the body is [`engine::Health`] as JSON.
pub(super) fn routes(engine: Engine) -> Router {
    Router::new().route("/health", get(handle)).with_state(engine)
}

async fn handle(State(engine): State<Engine>) -> impl IntoResponse {
    match engine.health() {
        Ok(health) => {
            let status = match health.status {
                Status::Ok | Status::Degraded => StatusCode::OK,
                Status::CatchingUp | Status::Failing => StatusCode::SERVICE_UNAVAILABLE,
            };
            (status, Json(health)).into_response()
        }
        Err(error) => {
            tracing::error!(views.error = %error, "the views cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
