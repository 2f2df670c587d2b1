//! `GET /metrics`: what an admin's monitoring reads, in the text format of Prometheus. Off unless an admin turns it on.

use std::fmt::Write as _;

use api::Counters;
use axum::{Router, extract::State, http::header::CONTENT_TYPE, response::IntoResponse, routing::get};

use super::http::Admission;

/// The text format (Prometheus, "Exposition formats").
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn routes(counters: Counters, admission: Admission) -> Router {
    Router::new().route("/metrics", get(handle)).with_state((counters, admission))
}

async fn handle(State((counters, admission)): State<(Counters, Admission)>) -> impl IntoResponse {
    ([(CONTENT_TYPE, TEXT_FORMAT)], text(&counters) + &connections(&admission))
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
    text.push_str("# HELP hearth_requests_refused_total Requests answered 429, as there were too many.\n");
    text.push_str("# TYPE hearth_requests_refused_total counter\n");
    for (class, refused) in counters.refused() {
        let _ok = writeln!(text, "hearth_requests_refused_total{{class=\"{class}\"}} {refused}");
    }
    text
}
