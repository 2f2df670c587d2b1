//! `hearth log import`.

pub(super) mod key_epoch;

use std::{fs::File, io::BufReader, sync::Arc};

use anyhow::{Context, Result};
use event_log::{LogKey, SystemClock};
use event_log_rocksdb::RocksLog;

use super::progress::Bar;
use crate::{cli::Import, console::say, data_folder::DataFolder};

pub(crate) fn run(args: &Import) -> Result<()> {
    let folder = DataFolder::new(&args.data.data);
    folder.create()?;
    let key = LogKey::read_or_create(&folder.log_key())?;
    let backend = Arc::new(RocksLog::open(folder.log())?);
    let file = File::open(&args.file).with_context(|| format!("{} cannot be read", args.file.display()))?;
    let bar = Bar::new("importing");
    let reader = BufReader::with_capacity(1 << 20, file);
    let (log, report) = event_log::restore(reader, backend, key, Arc::new(SystemClock), &mut |progress| bar.show(progress))?;
    drop(bar);
    let people = key_epoch::start(log, Vec::new())?;
    say(&format!("imported {} records of {}", report.records, report.origin))?;
    say(&format!("dropped the one-time keys of {people} people; their clients upload new ones"))
}
