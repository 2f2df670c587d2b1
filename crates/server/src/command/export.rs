//! `hearth log export`.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write, stdout},
    path::Path,
};

use anyhow::{Context, Result};
use event_log::{ExportOptions, Position};

use super::progress::Bar;
use crate::{cli::Export, data_folder::DataFolder};

pub(crate) fn run(args: &Export) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let log = DataFolder::new(&args.data.data).open_log_to_read(scratch.path())?;
    let options = ExportOptions {
        from: args.from.map(Position),
        to: args.to.map(Position),
        stream: args.stream.clone(),
        secrets: args.with_credentials,
    };
    let mut out: Box<dyn Write> = match &args.output {
        None => Box::new(stdout().lock()),
        Some(path) => Box::new(create(path).with_context(|| format!("{} cannot be written", path.display()))?),
    };
    let mut out = BufWriter::with_capacity(1 << 20, &mut out);
    let bar = Bar::new("exporting");
    event_log::export(&log, &options, &mut out, &mut |progress| bar.show(progress))?;
    Ok(out.flush()?)
}

/// A file for its owner alone: an export holds everybody's messages, and their password hashes if asked.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        let file = options.mode(0o600).open(path)?;
        // One that was there already keeps its mode otherwise.
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}
