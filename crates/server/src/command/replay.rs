//! `hearth log replay`: folds every view from the beginning of the log.

use std::{path::Path, process::ExitCode, sync::Arc};

use anyhow::{Context, Result};
use engine::FactDecoder;
use event_log::{Position, Reader};
use projection::{RowStore, Runner, compare, digest, disagreement};
use projection_rocksdb::{RocksRows, Settings};

use super::progress::Bar;
use crate::{
    cli::Replay,
    console::{complain, say},
    data_folder::DataFolder,
};

pub(crate) fn run(args: &Replay) -> Result<ExitCode> {
    let folder = DataFolder::new(&args.data.data);
    let scratch = tempfile::tempdir()?;
    if args.check { check(&folder, scratch.path()) } else { replay(&folder, scratch.path()) }
}

fn replay(folder: &DataFolder, scratch: &Path) -> Result<ExitCode> {
    // The rows come first: a running server holds them, and then nothing else is worth doing.
    if !RocksRows::discard(&folder.views())? {
        folder.ask_for_replay()?;
        say("a server is running on this folder: it folds its views anew when it starts the next time")?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Arc<dyn RowStore> = Arc::new(open(&folder.views())?);
    let tree = folder.open_log_to_read(&scratch.join("log"))?;
    let log = tree.reader();
    fold(log, &rows, "replaying")?;
    rows.flush()?;
    say(&format!("replayed to position {}, state digest {}", log.head(), state_digest(&*rows)?))?;
    Ok(ExitCode::SUCCESS)
}

/// Rows that are of another log, damaged or different are named and left as they are.
fn check(folder: &DataFolder, scratch: &Path) -> Result<ExitCode> {
    match compared(folder, scratch)? {
        Ok(Equal { head, digest }) => {
            say(&format!("equal at position {head}, state digest {digest}"))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(why) => {
            complain(&format!("{why}. Run `hearth log replay` to fold the views anew."));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Rows that are what the log gives.
pub(super) struct Equal {
    /// The log's last record.
    pub(super) head: Position,
    /// SHA-256 of the rows.
    pub(super) digest: String,
}

/// Catches the live rows up, folds the log anew, and compares the two; in words where they differ.
pub(super) fn compared(folder: &DataFolder, scratch: &Path) -> Result<Result<Equal, String>> {
    let live: Arc<dyn RowStore> = Arc::new(open(&folder.views())?);
    let tree = folder.open_log_to_read(&scratch.join("log"))?;
    let log = tree.reader();
    if let Some(reason) = disagreement(&*live.snapshot(), log, &FactDecoder)? {
        return Ok(Err(reason.to_string()));
    }
    fold(log, &live, "catching up")?;
    live.flush()?;
    let anew: Arc<dyn RowStore> = Arc::new(open(&scratch.join("views"))?);
    fold(log, &anew, "replaying")?;
    Ok(match compare(&*live.snapshot(), &*anew.snapshot())? {
        None => Ok(Equal { head: log.head(), digest: state_digest(&*anew)? }),
        Some(difference) => Err(format!("the live rows differ from the log: {difference:?}")),
    })
}

fn open(folder: &Path) -> Result<RocksRows> {
    RocksRows::open(folder, Settings::default())
        .context("the views do not open. Stop the server, or run `hearth log replay` to fold them anew.")
}

fn fold(log: &Reader, store: &Arc<dyn RowStore>, doing: &'static str) -> Result<()> {
    let bar = Bar::new(doing);
    bar.total(log.head().0);
    let runner = Runner::new(Arc::clone(store), views::all(), Box::new(FactDecoder))?;
    runner.catch_up(log, &mut |position| bar.reached(position.0))?;
    Ok(())
}

fn state_digest(store: &dyn RowStore) -> Result<String> {
    Ok(digest(&*store.snapshot())?.iter().map(|byte| format!("{byte:02x}")).collect())
}
