//! `hearth backup`.

use std::{path::Path, time::Instant};

use ::backup::{Folder, Made, Options, Source, Step, age::Recipient, make, prune};
use anyhow::{Context, Result, ensure};
use event_log::{Clock as _, SystemClock};
use serde::{Deserialize, Serialize};

use super::progress::Bar;
use crate::{
    backup_place::BackupPlace,
    blobs::FileBlobs,
    cli::Backup,
    console::{complain, say},
    data_folder::DataFolder,
    processor, settings,
};

/// The kind of the records that say that a person was forgotten. What an older backup has of them is to be in no newer one.
pub(super) const FORGOTTEN: &str = "account.erased";
/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 3600 * 1000;
/// What makes backups.
const MADE_BY: &str = concat!("hearth ", env!("CARGO_PKG_VERSION"));

/// What was done, for a program.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The name of the backup.
    pub(crate) backup: String,
    /// When it was made, milliseconds since the epoch.
    pub(crate) made_at_ms: u64,
    /// The position of its last record.
    pub(crate) position: u64,
    /// Bytes of all that belongs to it.
    pub(crate) stored_bytes: u64,
    /// Bytes that were written for it.
    pub(crate) new_bytes: u64,
    /// Media that are not in it.
    pub(crate) left_out: u64,
    /// How long it took, milliseconds.
    pub(crate) duration_ms: u64,
    /// What went wrong after it was made.
    pub(crate) warning: Option<String>,
}

pub(crate) fn run(args: &Backup) -> Result<()> {
    if args.by_program.gently {
        processor::give_way();
    }
    let begun = Instant::now();
    let recipient = args.recipient.as_deref().map(recipient).transpose()?;
    let whole_after_ms = args.whole_after_days.map(|days| u64::from(days) * DAY_MS);
    let place = BackupPlace::named(&args.folder, || Ok(settings::load(&args.settings)?.backup))?;
    ensure!(
        recipient.is_some() || !place.is_open_to_read(),
        "the bucket's server is asked by http, and a backup holds the keys of the server: whoever is on the way could be it. \
         Use https, or encrypt the backup with --recipient"
    );
    let folder = place.to_write(&args.data.data)?;
    let options = Options { recipient, whole: args.whole, whole_after_ms, whole_after_kind: Some(FORGOTTEN) };
    let made = one(&folder, &args.data.data, &options)?;
    // The backup is there. That an older one could not be taken away does not change that.
    let pruned = args.keep.map(|keep| prune(&folder, usize::try_from(keep).unwrap_or(usize::MAX))).transpose();
    if args.by_program.json {
        let warning = pruned.err().map(|fault| fault.to_string());
        return say(&serde_json::to_string(&outcome(&made, begun, warning))?);
    }
    tell(&made, recipient.is_some())?;
    match pruned {
        Ok(Some(pruned)) if pruned.backups > 0 => {
            say(&format!("took away {} older backups, {} bytes", pruned.backups, pruned.bytes))
        }
        Ok(_) => Ok(()),
        Err(fault) => Err(fault).context("the backup is made; older ones stay"),
    }
}

fn recipient(text: &str) -> Result<Recipient> {
    text.parse().map_err(|error| anyhow::anyhow!("{text:?} {error}"))
}

fn one(folder: &Folder, data: &Path, options: &Options) -> Result<Made> {
    let data = DataFolder::new(data);
    // Beside the backups, because elsewhere nothing may be writable.
    let scratch = tempfile::tempdir_in(folder.aside())?;
    let log = data.open_log_to_read(scratch.path())?;
    let keys = data.keys(&log.public_key())?;
    let media = FileBlobs::new(data.media(), 0);
    let source = Source { log: &log, keys: &keys, media: &media, made_by: MADE_BY };
    let bar = Bar::new("backing up");
    let mut show = |step| match step {
        Step::Records(progress) => bar.show(progress),
        Step::Media { done, total } => bar.files(done, total),
    };
    Ok(make(folder, &source, options, SystemClock.now_ms(), &mut show)?)
}

fn tell(made: &Made, is_encrypted: bool) -> Result<()> {
    let manifest = &made.manifest;
    say(&format!(
        "backup {}: up to position {}, {} new records, {} files, {} bytes written",
        manifest.name(),
        manifest.head.position,
        made.new_records,
        manifest.media.count,
        made.new_bytes
    ))?;
    if let Some(why) = made.whole {
        say(&format!("all records were written, because {why}"))?;
    }
    for left_out in &made.left_out {
        complain(&format!("the file {} is left out: {}", left_out.sha256, left_out.why));
    }
    if !is_encrypted {
        say("It is not encrypted, and holds messages, keys and hashes of passwords: whoever reads it can be the server.")?;
    }
    Ok(())
}

fn outcome(made: &Made, begun: Instant, warning: Option<String>) -> Outcome {
    let manifest = &made.manifest;
    Outcome {
        backup: manifest.name(),
        made_at_ms: manifest.made_at_ms,
        position: manifest.head.position.0,
        stored_bytes: manifest.stored_bytes(),
        new_bytes: made.new_bytes,
        left_out: manifest.media.left_out,
        duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        warning,
    }
}
