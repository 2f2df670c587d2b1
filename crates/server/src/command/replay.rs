//! `hearth log replay`: folds every view from the beginning of the log.

use std::{process::ExitCode, sync::Arc};

use anyhow::Result;
use engine::FactDecoder;
use event_log::Log;
use projection::{RowStore, Runner, compare, digest, reconcile};
use projection_rocksdb::{RocksRows, Settings};

use super::{complain, progress::Bar, say};
use crate::{cli::Replay, data_folder::DataFolder};

pub(crate) fn run(args: &Replay) -> Result<ExitCode> {
    let folder = DataFolder::new(&args.data.data);
    let scratch = tempfile::tempdir()?;
    // The rows come first: a running server holds them, and then nothing else is worth doing.
    if !args.check && !RocksRows::discard(&folder.views())? {
        folder.ask_for_replay()?;
        say("a server is running on this folder: it folds its views anew when it starts the next time")?;
        return Ok(ExitCode::SUCCESS);
    }
    let live: Arc<dyn RowStore> = Arc::new(folder.open_views()?);
    let log = folder.open_log_to_read(&scratch.path().join("log"))?;
    fold(&log, &live, if args.check { "catching up" } else { "replaying" })?;
    live.flush()?;
    if !args.check {
        say(&format!("replayed to position {}, state digest {}", log.head(), state_digest(&*live)?))?;
        return Ok(ExitCode::SUCCESS);
    }
    let anew: Arc<dyn RowStore> = Arc::new(RocksRows::open(&scratch.path().join("views"), Settings::default())?);
    fold(&log, &anew, "replaying")?;
    match compare(&*live.snapshot(), &*anew.snapshot())? {
        None => {
            say(&format!("equal at position {}, state digest {}", log.head(), state_digest(&*anew)?))?;
            Ok(ExitCode::SUCCESS)
        }
        Some(difference) => {
            complain(&format!(
                "the live rows differ from the log: {difference:?}. Run `hearth log replay` to fold them anew."
            ));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn fold(log: &Log, store: &Arc<dyn RowStore>, doing: &'static str) -> Result<()> {
    if let Some(reason) = reconcile(&**store, log, &FactDecoder)? {
        complain(&format!("{reason}; they are folded anew"));
    }
    let bar = Bar::new(doing);
    bar.total(log.head().0);
    let runner = Runner::new(Arc::clone(store), views::all(), Box::new(FactDecoder))?;
    runner.catch_up(log, &mut |position| bar.reached(position.0))?;
    Ok(())
}

fn state_digest(store: &dyn RowStore) -> Result<String> {
    Ok(digest(&*store.snapshot())?.iter().map(|byte| format!("{byte:02x}")).collect())
}
