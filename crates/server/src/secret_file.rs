//! Files that their owner alone may read, and that are whole whenever they are read.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
};

use anyhow::{Context as _, Result};

/// Puts a secret in the place of an older one, or where there is none: whoever reads it finds one or the other whole.
pub(crate) fn replace_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    let next = path.with_extension("next");
    match fs::remove_file(&next) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    write_secret(&next, bytes)?;
    fs::rename(&next, path).with_context(|| format!("{} cannot be replaced", path.display()))
}

/// Writes a secret where nothing is yet.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).with_context(|| format!("{} cannot be made", path.display()))?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}
