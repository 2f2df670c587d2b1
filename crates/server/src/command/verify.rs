//! `hearth log verify`.

use std::{
    fs::File,
    io::{BufReader, stdin},
    process::ExitCode,
};

use anyhow::{Context, Result};
use event_log::{Record, Report, VerifyError, verify_export_with, verify_log_with};

use super::{progress::Bar, unreadable::Unreadable};
use crate::{
    cli::Verify,
    console::{complain, say},
    data_folder::DataFolder,
};

pub(crate) fn run(args: &Verify) -> Result<ExitCode> {
    let bar = Bar::new("verifying");
    let mut progress = |progress| bar.show(progress);
    let mut unreadable = Unreadable::default();
    let mut read = |record: &Record| unreadable.look_at(record);
    let verified = match &args.file {
        Some(path) if path.as_os_str() == "-" => verify_export_with(stdin().lock(), &mut read, &mut progress),
        Some(path) => {
            let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
            verify_export_with(BufReader::with_capacity(1 << 20, file), &mut read, &mut progress)
        }
        None => {
            let scratch = tempfile::tempdir()?;
            let log = DataFolder::new(&args.data.data).open_log_to_read(scratch.path())?;
            verify_log_with(&log, &mut read, &mut progress)
        }
    };
    drop(bar);
    match verified {
        Ok(report) => {
            say(&describe(&report))?;
            unreadable.lines().iter().for_each(|line| complain(line));
            // Kinds of another version are no damage: every signature holds.
            Ok(if unreadable.has_broken() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Err(VerifyError::Damage(damage)) => {
            complain(&format!("damaged: {damage}"));
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}

fn describe(report: &Report) -> String {
    let mut text = format!(
        "ok: {} records of {}, epoch {}, {} checkpoints, {} payloads erased, {} withheld",
        report.records, report.origin, report.epoch, report.checkpoints, report.erased, report.withheld
    );
    for span in &report.keys {
        let vouched = if span.vouched { ", signed for by the key before" } else { "" };
        text.push_str(&format!("\nkey from position {}: {}{vouched}", span.from, span.key));
    }
    text
}
