//! `hearth log prove`: shows to somebody who has only a checkpoint that a record is in the log.

use anyhow::Result;
use event_log::Position;

use crate::{cli::Show, console::say, data_folder::DataFolder};

pub(crate) fn run(args: &Show) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let log = DataFolder::new(&args.data.data).open_log_to_read(scratch.path())?;
    say(log.prove(Position(args.position))?.trim_end())
}
