//! In which format a data folder is, and which version of the program has written to it last: what a version does not know it does not touch.

use std::{fs, io::ErrorKind, path::Path};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::secret_file::replace_secret;

/// The format that is written, and the newest that is read. It rises with whatever an older version would misread or lose. Records of kinds
/// that a version does not know are none of that: it keeps them, and says so.
const FORMAT: u32 = 1;
/// This version of the program.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Where it is noted.
const NOTE: &str = "format.json";

/// What is noted. Members that a later version adds are for later versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    /// The format, from 1.
    pub(crate) format: u32,
    /// The version of the program that has written to the folder last.
    pub(crate) by: String,
}

impl Written {
    /// What this version writes.
    fn by_this() -> Self {
        Self { format: FORMAT, by: VERSION.to_owned() }
    }
}

/// What is noted in the folder, if this version knows that format. Nothing in a folder of before it was noted.
pub(super) fn read(folder: &Path) -> Result<Option<Written>> {
    let path = folder.join(NOTE);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    let written: Written = serde_json::from_slice(&text).with_context(|| format!("{} does not read", path.display()))?;
    if written.format > FORMAT {
        bail!(
            "Hearth {} has written to {} in format {}, and this is Hearth {VERSION}, which knows up to {FORMAT}. Start {} or a newer one on it, or \
             restore the backup from before the upgrade",
            written.by,
            folder.display(),
            written.format,
            written.by
        );
    }
    Ok(Some(written))
}

/// Notes that this version writes to the folder from now on.
pub(super) fn note(folder: &Path) -> Result<()> {
    let own = Written::by_this();
    if read(folder)?.as_ref() == Some(&own) {
        return Ok(());
    }
    replace_secret(&folder.join(NOTE), &serde_json::to_vec(&own)?)
}
