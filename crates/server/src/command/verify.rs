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
            let (whole, unread) = (describe(&report), unreadable.lines());
            if args.json && is_broken {
                tell(&Line::Damaged { said: unread.join("\n") })?;
            } else if args.json {
                tell(&Line::Whole { said: [vec![whole], unread].concat().join("\n") })?;
            } else {
                say(&whole)?;
                unread.iter().for_each(|line| complain(line));
            }
            Ok(if is_broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Err(VerifyError::Damage(damage)) => {
            if args.json {
                tell(&Line::Damaged { said: damage.to_string() })?;
            } else {
                complain(&format!("damaged: {damage}"));
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
