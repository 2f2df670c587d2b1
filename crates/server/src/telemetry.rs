//! What the server prints about itself, on standard error: never bodies, tokens, email or network addresses.

use std::io::{self, IsTerminal as _};

use anyhow::{Context, Result};
use config::{Telemetry, TelemetryFormat};
use tracing_subscriber::{EnvFilter, fmt};

/// Starts printing.
pub(crate) fn start(settings: &Telemetry) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.filter).context("the telemetry filter does not read")?;
    let subscriber = fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false);
    // A line that cannot be printed, as to a file on a full disk, is lost. Saying so there would fail too, and be a panic.
    let subscriber = subscriber.log_internal_errors(false);
    // Colours are for people; a journal or a file gets plain text.
    let subscriber = if io::stderr().is_terminal() { subscriber } else { subscriber.with_ansi(false) };
    let started = match settings.format {
        TelemetryFormat::Text => subscriber.try_init(),
        TelemetryFormat::Json => subscriber.json().try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("telemetry does not start: {error}"))
}
