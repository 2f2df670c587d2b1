//! Section `telemetry`: what the server says about itself on its output. Never bodies, tokens, addresses.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{Check, section};
use crate::from_text::FromText;

/// The form of a line of telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TelemetryFormat {
    /// For people.
    Text,
    /// For collectors: one JSON object a line.
    Json,
}

impl FromText for TelemetryFormat {
    const EXPECTED: &'static str = "text or json";

    fn from_text(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

section! {
    /// What the server says about itself on its output. Never bodies, tokens or addresses.
    Telemetry {
        /// What is told: "error", "warn", "info", "debug" or "trace", also for a part alone, as in "info,engine=debug".
        /// "info,request=debug" tells a line for each request; without it only those are told that failed or took long.
        filter: String = "info,ruma_state_res=warn".to_owned(), "HEARTH_LOG" live;
        /// "text" for people, "json" for collectors.
        format: TelemetryFormat = TelemetryFormat::Text, "HEARTH_LOG_FORMAT";
        /// The address and port of a listener for monitoring, such as "127.0.0.1:9469", where GET /metrics tells in the format
        /// of Prometheus what the server answers and how it does. It names no person and no room, but keep it from
        /// the internet: there is no login. Not set: no listener.
        metrics_listen: Option<SocketAddr> = None, "HEARTH_METRICS_LISTEN";
    }
}

impl Check for Telemetry {}
