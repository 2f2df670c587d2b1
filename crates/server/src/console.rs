//! What a command tells whoever called it. What the server tells of its work goes to `telemetry`.

use std::io::{IsTerminal as _, Write};

use anyhow::Result;
use qrcode::{QrCode, render::unicode::Dense1x2};

/// Prints a line for the caller. An output that nobody reads any more is an error like any other.
pub(crate) fn say(line: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}

/// Prints a link as a QR code, for a phone to read off a terminal. What goes elsewhere has no use for it.
pub(crate) fn say_as_qr(link: &str) -> Result<()> {
    if !std::io::stdout().is_terminal() {
        return Ok(());
    }
    // Most terminals are dark: what is printed there is what is light in the picture.
    let code = QrCode::new(link)?;
    say(&code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

/// Prints an error.
pub(crate) fn complain(line: &str) {
    // There is nowhere left to say that standard error is gone.
    let _gone = writeln!(std::io::stderr().lock(), "hearth: {line}");
}
