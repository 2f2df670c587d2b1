//! What a command tells whoever called it. What the server tells of its work goes to `telemetry`.

use std::io::Write;

use anyhow::Result;

/// Prints a line for the caller. An output that nobody reads any more is an error like any other.
pub(crate) fn say(line: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}

/// Prints an error.
pub(crate) fn complain(line: &str) {
    // There is nowhere left to say that standard error is gone.
    let _gone = writeln!(std::io::stderr().lock(), "hearth: {line}");
}
