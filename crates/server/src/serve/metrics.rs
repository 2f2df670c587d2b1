//! `GET /metrics`: what an admin's monitoring reads, in the text format of Prometheus. Off unless an admin turns it on.

use std::fmt::Write as _;

use api::Counters;
use axum::{Router, extract::State, http::header::CONTENT_TYPE, response::IntoResponse, routing::get};

use engine::Engine;

use super::http::Admission;

/// The text format (Prometheus, "Exposition formats").
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn routes(counters: Counters, admission: Admission, engine: Engine) -> Router {
    Router::new().route("/metrics", get(handle)).with_state((counters, admission, engine))
}

async fn handle(State((counters, admission, engine)): State<(Counters, Admission, Engine)>) -> impl IntoResponse {
    ([(CONTENT_TYPE, TEXT_FORMAT)], text(&counters) + &connections(&admission) + &media(&engine))
}

/// Nothing while the views cannot be read.
fn media(engine: &Engine) -> String {
    let Ok(bytes) = views::media::total_bytes(&*engine.rows()) else { return String::new() };
    format!(
        "# HELP hearth_media_bytes Uploaded files that count towards quotas, in bytes.\n\
         # TYPE hearth_media_bytes gauge\nhearth_media_bytes {bytes}\n"
    )
}

fn connections(admission: &Admission) -> String {
    let standing = admission.standing();
    let mut text = String::from("# HELP hearth_connections Connections that are open.\n# TYPE hearth_connections gauge\n");
    // Writing to a string does not fail.
    let _ok = writeln!(text, "hearth_connections {}", standing.open);
    text.push_str("# HELP hearth_connections_refused_total Connections closed at once, as there were too many.\n");
    text.push_str("# TYPE hearth_connections_refused_total counter\n");
    let _ok = writeln!(text, "hearth_connections_refused_total {}", standing.refused);
    text
}

/// Paths are the server's own, with braces in place of names, and need no escaping.
fn text(counters: &Counters) -> String {
    let all = counters.all();
    let mut text = String::from("# HELP hearth_requests_total Requests answered.\n# TYPE hearth_requests_total counter\n");
    for ((path, status), count) in &all {
        // Writing to a string does not fail.
        let _ok = writeln!(text, "hearth_requests_total{{path=\"{path}\",status=\"{status}\"}} {}", count.requests);
    }
    text.push_str("# HELP hearth_request_seconds_total Time taken to answer, waits included.\n");
    text.push_str("# TYPE hearth_request_seconds_total counter\n");
    for ((path, status), count) in &all {
        let seconds = count.took.as_secs_f64();
        let _ok = writeln!(text, "hearth_request_seconds_total{{path=\"{path}\",status=\"{status}\"}} {seconds}");
    }
    text
}
