//! `[telemetry]`.

use serde::{Deserialize, Serialize};

use crate::section::section;

/// The form of the server's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TelemetryFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

section! {
    /// What the server prints. Never bodies, tokens, email addresses or addresses of clients.
    Telemetry = "telemetry" {
        /// `error`, `warn`, `info`, `debug`, or directives such as `info,engine=debug`.
        level: String = "info".to_owned(), "HEARTH_TELEMETRY_LEVEL";
        /// `text` or `json`.
        format: TelemetryFormat = TelemetryFormat::Text, "HEARTH_TELEMETRY_FORMAT";
    }
}
