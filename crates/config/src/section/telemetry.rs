//! Section `telemetry`: what the server says about itself on its output. Never bodies, tokens, addresses.

use serde::{Deserialize, Serialize};

use super::section;
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
        filter: String = "info,ruma_state_res=warn".to_owned(), "HEARTH_LOG";
        /// "text" for people, "json" for collectors.
        format: TelemetryFormat = TelemetryFormat::Text, "HEARTH_LOG_FORMAT";
        /// Whether GET /metrics tells, in the text format of Prometheus, how many requests each endpoint answered, and how.
        /// Everybody who reaches the server can read it; it names no person and no room.
        metrics: bool = false, "HEARTH_METRICS";
    }
}
