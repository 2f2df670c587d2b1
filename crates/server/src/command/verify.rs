//! `hearth log verify`.

use std::{
    fs::File,
    io::{BufReader, stdin},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use event_log::{Progress, Record, Report, VerifyError, verify_export_with, verify_log_with};
use serde::{Deserialize, Serialize};

use super::{progress::Bar, unreadable::Unreadable};
use crate::{
    cli::Verify,
    console::{complain, say},
    data_folder::DataFolder,
    processor,
};

/// How often a program is told how far it is.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// What a program is told, a line each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(crate) enum Line {
    /// So many records are checked.
    Checked {
        /// As said.
        records: u64,
        /// Of so many, if that is known.
        total: Option<u64>,
    },
    /// Everything holds.
    Whole {
        /// What was checked.
        said: String,
    },
    /// Something does not hold, or does not read.
    Damaged {
        /// What, and where.
        said: String,
    },
}

pub(crate) fn run(args: &Verify) -> Result<ExitCode> {
    if args.gently {
        processor::give_way();
    }
    let mut teller = Teller::new(args.json);
    let mut progress = |progress| teller.show(progress);
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
    drop(teller);
    match verified {
        Ok(report) => {
            // Kinds of another version are no damage: every signature holds.
            let is_broken = unreadable.has_broken();
            let mut lines = vec![describe(&report)];
            if args.json {
                lines.extend(unreadable.lines());
                let said = lines.join("\n");
                tell(&if is_broken { Line::Damaged { said } } else { Line::Whole { said } })?;
            } else {
                lines.iter().try_for_each(|line| say(line))?;
                unreadable.lines().iter().for_each(|line| complain(line));
            }
            Ok(if is_broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Err(VerifyError::Damage(damage)) => {
            let said = format!("damaged: {damage}");
            if args.json {
                tell(&Line::Damaged { said })?;
            } else {
                complain(&said);
            }
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}

fn tell(line: &Line) -> Result<()> {
    say(&serde_json::to_string(line)?)
}

/// Shows how far it is, to a person or to a program.
enum Teller {
    Bar(Bar),
    Lines { told: Option<Instant> },
}

impl Teller {
    fn new(by_lines: bool) -> Self {
        if by_lines { Self::Lines { told: None } } else { Self::Bar(Bar::new("verifying")) }
    }

    fn show(&mut self, progress: Progress) {
        match self {
            Self::Bar(bar) => bar.show(progress),
            Self::Lines { told } if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) => {
                *told = Some(Instant::now());
                // Whoever does not read it any more is not kept from the end, which is told too.
                let _gone = tell(&Line::Checked { records: progress.records, total: progress.total });
            }
            Self::Lines { .. } => {}
        }
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
