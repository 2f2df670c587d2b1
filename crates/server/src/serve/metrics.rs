//! `GET /metrics`: what an admin's monitoring reads, in the format of Prometheus (OpenMetrics 1.0), on a listener of its own.

mod backups;
mod gauge;
mod standing;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use config::TrustedProxies;
use prometheus_client::{encoding::text::encode, registry::Registry};
use tokio::net::TcpListener;

use super::http::{self, Admission, Caps, Service};
pub(super) use standing::Sources;
use standing::Standing;

/// OpenMetrics, "Exposition format".
const TEXT_FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Connections of those who monitor.
const CONNECTIONS_MAX: usize = 16;
/// How long one of them may pause.
const IDLE: Duration = Duration::from_secs(30);

/// Serves `/metrics` at `listen` until `stop` ends.
///
/// # Errors
/// Nothing can listen there.
pub(super) async fn spawn(
    listen: SocketAddr,
    sources: Sources,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("telemetry.metrics_listen: cannot listen on {listen}; is something else there?"))?;
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        tracing::warn!(metrics.listen = %address, "everybody who reaches this address can read the metrics");
    }
    tracing::info!(metrics.listen = %address, "metrics are told");
    let caps = Caps { in_all: CONNECTIONS_MAX, by_address: CONNECTIONS_MAX };
    let admission = Admission::new(caps, TrustedProxies::default());
    let service = Service { router: routes(sources), admission, idle: IDLE, tls: None };
    tokio::spawn(http::serve(listener, service, stop, Duration::ZERO));
    Ok(())
}

fn routes(sources: Sources) -> Router {
    let mut registry = Registry::with_prefix("hearth");
    sources.counters.register(&mut registry);
    registry.register_collector(Box::new(Standing::new(sources)));
    Router::new().route("/metrics", get(handle)).with_state(Arc::new(registry))
}

async fn handle(State(registry): State<Arc<Registry>>) -> Response {
    // Rows are read for it.
    let text = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        encode(&mut text, &registry).map(|()| text)
    });
    match text.await {
        Ok(Ok(text)) => ([(CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
