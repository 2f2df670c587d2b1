//! `hearth log tail`: follows the log of a server that runs, from a process of its own. Payloads are not shown.

use std::time::Duration;

use anyhow::Result;
use event_log::{LogFault, MAX_BATCH_RECORDS, Position};

use crate::{
    cli::Tail,
    console::{complain, say},
    data_folder::DataFolder,
};

/// How long to wait for records before asking again. Nothing is missed in between.
const WAIT: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &Tail) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let tree = DataFolder::new(&args.data.data).open_log_to_read(scratch.path())?;
    let log = tree.reader();
    let from = args.from.map_or_else(|| log.head().next(), Position);
    let mut follower = log.follow(from);
    loop {
        let page = match follower.next_page(MAX_BATCH_RECORDS, WAIT) {
            Err(LogFault::Unavailable(what)) => {
                complain(&format!("the log cannot be read just now: {what}"));
                continue;
            }
            page => page?,
        };
        for record in page {
            let header = &record.header;
            say(&format!("{} {} {} {}", header.position, header.at_ms, header.stream, header.kind))?;
        }
    }
}
