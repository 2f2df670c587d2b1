//! matrix-sdk with matrix-sdk-ui's sync service, driven by JSON lines on stdin and stdout.
//!
//! The commands and their answers are described in ../../README.md; the SDK's log goes to stderr.
//! This is not a client anybody would use: it does what it is told, one command at a time.

#![recursion_limit = "512"]

mod driver;
mod files;
mod messages;

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::driver::{Command, Driver};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    // The SDK makes its HTTP client ready for TLS, though nothing here is reached by it.
    let provider = rustls_graviola::default_provider();
    provider.install_default().map_err(|_| anyhow::anyhow!("TLS is set up twice"))?;
    let mut driver = Driver::new()?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut stdout = tokio::io::stdout();
    while let Some(line) = lines.next_line().await? {
        let request: Value = serde_json::from_str(&line).context("a line is not JSON")?;
        let id = request["id"].clone();
        let command: Command = serde_json::from_value(request).context("not a known command")?;
        let answer = match driver.run(command).await {
            Ok(ok) => json!({ "id": id, "ok": ok }),
            Err(error) => json!({ "id": id, "error": format!("{error:#}") }),
        };
        stdout.write_all(format!("{answer}\n").as_bytes()).await?;
        stdout.flush().await?;
    }
    driver.close().await;
    Ok(())
}
