//! The last rehearsal, noted down beside the backups, or in the data folder if these are in a bucket.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};

const NAME: &str = "rehearsed.json";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Rehearsed {
    /// When it ended, milliseconds since the epoch.
    pub(super) at_ms: u64,
    /// Whether the backup was restored and proved.
    pub(super) has_passed: bool,
}

impl Rehearsed {
    /// The last one, if any is noted down in a form that reads.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(folder.join(NAME)).ok()?).ok()
    }

    /// Notes it down. Whatever is half written does not read, and then the next rehearsal is due.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join(NAME), serde_json::to_vec(self)?)
    }
}
