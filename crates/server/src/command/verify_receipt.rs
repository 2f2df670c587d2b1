//! `hearth log verify-receipt`: whether a receipt of an erasure is what the log has signed. It needs neither log nor server.

use std::{
    fs::File,
    io::{Read, stdin},
    process::ExitCode,
};

use anyhow::{Context, Result};
use event_log::{PublicKey, RECEIPT_BYTES_MAX, Receipt, verifier_key};

use crate::{
    cli::VerifyReceipt,
    console::{complain, say},
};

pub(super) fn run(args: &VerifyReceipt) -> Result<ExitCode> {
    let mut text = String::new();
    let bytes_max = RECEIPT_BYTES_MAX as u64 + 1;
    if args.file.as_os_str() == "-" {
        stdin().lock().take(bytes_max).read_to_string(&mut text)?;
    } else {
        let unread = || format!("{} cannot be read", args.file.display());
        let file = File::open(&args.file).with_context(unread)?;
        file.take(bytes_max).read_to_string(&mut text).with_context(unread)?;
    }
    let receipt = match Receipt::open(&text) {
        Ok(receipt) => receipt,
        Err(error) => {
            complain(&error.to_string());
            return Ok(ExitCode::FAILURE);
        }
    };
    let key = verifier_key(&receipt.origin, &receipt.key.parse::<PublicKey>().context("the key does not read")?);
    if args.key.as_ref().is_some_and(|wanted| wanted.trim() != key) {
        complain(&format!("the receipt is signed by another key: {key}"));
        return Ok(ExitCode::FAILURE);
    }
    say(&format!(
        "ok: {} was erased from {}: {} payloads, asked for at position {} ({} ms), done at position {}, gone from the disk at {} ms",
        receipt.subject,
        receipt.origin,
        receipt.payloads,
        receipt.asked_at,
        receipt.asked_at_ms,
        receipt.ended_at,
        receipt.purged_at_ms
    ))?;
    if args.key.is_none() {
        say(&format!("signed by {key}"))?;
        say(
            "Compare it with the verifier key that was noted elsewhere: whoever makes up a receipt makes up a key as well.",
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
