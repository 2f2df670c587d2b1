//! `hearth log rotate-key`: hands the log to a new key, as after a backup has fallen into wrong hands.

use anyhow::Result;

use crate::{cli::Data, console::say, data_folder::DataFolder};

pub(crate) fn run(args: &Data) -> Result<()> {
    let key = DataFolder::new(&args.data).rotate_log_key()?;
    say(&format!("from its next record on the log is signed by {key}; those who watch it compare this key by another way"))
}
