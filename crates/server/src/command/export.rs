//! `hearth log export`.

use std::{
    fs::File,
    io::{BufWriter, Write, stdout},
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
        Some(path) => Box::new(File::create(path).with_context(|| format!("{} cannot be written", path.display()))?),
    };
    let mut out = BufWriter::with_capacity(1 << 20, &mut out);
    let bar = Bar::new("exporting");
    event_log::export(&log, &options, &mut out, &mut |progress| bar.show(progress))?;
    Ok(out.flush()?)
}
