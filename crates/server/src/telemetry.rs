//! What the server prints about itself, on standard error: never bodies, tokens, email or network addresses.

use std::io::{self, IsTerminal as _};

use anyhow::{Context, Result};
use config::{Telemetry, TelemetryFormat};
use tracing_subscriber::{EnvFilter, fmt, reload};

/// What is printed, to be changed while the server runs.
pub(crate) struct Filter(Box<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>);

impl Filter {
    /// From now on this is printed.
    pub(crate) fn set(&self, text: &str) -> Result<()> {
        Ok((self.0)(filter(text)?)?)
    }
}

fn filter(text: &str) -> Result<EnvFilter> {
    EnvFilter::try_new(text).context("the telemetry filter does not read")
}

/// Starts printing.
pub(crate) fn start(settings: &Telemetry) -> Result<Filter> {
    let subscriber = fmt().with_env_filter(filter(&settings.filter)?).with_writer(io::stderr).with_target(false);
    // A line that cannot be printed, as to a file on a full disk, is lost. Saying so there would fail too, and be a panic.
    let subscriber = subscriber.log_internal_errors(false);
    // Colours are for people; a journal or a file gets plain text.
    let subscriber = if io::stderr().is_terminal() { subscriber } else { subscriber.with_ansi(false) };
    let (started, filter) = match settings.format {
        TelemetryFormat::Text => {
            let subscriber = subscriber.with_filter_reloading();
            let handle = subscriber.reload_handle();
            (subscriber.try_init(), Filter(Box::new(move |filter| handle.reload(filter))))
        }
        TelemetryFormat::Json => {
            let subscriber = subscriber.json().with_filter_reloading();
            let handle = subscriber.reload_handle();
            (subscriber.try_init(), Filter(Box::new(move |filter| handle.reload(filter))))
        }
    };
    started.map_err(|error| anyhow::anyhow!("telemetry does not start: {error}"))?;
    Ok(filter)
}
