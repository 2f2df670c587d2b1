//! How a restored folder proves itself: as `hearth log verify` and `hearth log replay --check` do, and by its files.

use std::collections::BTreeSet;

use ::backup::Backup;
use anyhow::{Context, Result, anyhow};
use domain::user::TokenHash;
use event_log::{Report, verify_log};
use projection::RowStore as _;
use projection_rocksdb::Settings;

use crate::{
    command::{progress::Bar, replay},
    console::{complain, say},
    data_folder::DataFolder,
};

/// What a restore records behind the backup.
pub(super) struct Changes {
    /// People whose one-time keys were dropped.
    pub(super) people: usize,
    /// People who were erased since the backup was made, and whose accounts are closed again for that.
    pub(super) erased_again: usize,
}

/// What was proved.
pub(super) struct Proof {
    report: Report,
    /// What was recorded behind the backup.
    pub(super) changes: Changes,
    head: event_log::Position,
    /// SHA-256 of the rows that the log gives.
    pub(super) digest: String,
    /// Files that addresses lead to and that are not there.
    pub(super) missing_media: u64,
}

impl Proof {
    /// Says it.
    pub(super) fn tell(&self, backup: &Backup<'_>) -> Result<()> {
        let manifest = backup.manifest();
        say(&format!(
            "backup {} of {}: {} records up to position {}, {} files",
            manifest.name(),
            manifest.origin,
            manifest.head.count,
            manifest.head.position,
            manifest.media.count
        ))?;
        let Report { records, epoch, erased, .. } = &self.report;
        say(&format!("verified: {records} records, epoch {epoch}, {erased} payloads erased"))?;
        say(&format!("replayed: equal at position {}, state digest {}", self.head, self.digest))?;
        say(&format!("dropped the one-time keys of {} people; their clients upload new ones", self.changes.people))?;
        if self.changes.erased_again > 0 {
            say(&format!(
                "{} people were erased since this backup; they are erased again when the server starts",
                self.changes.erased_again
            ))?;
        }
        if self.missing_media > 0 {
            complain(&format!(
                "{} files were missing or damaged when the backup was made, and are missing now",
                self.missing_media
            ));
        }
        Ok(())
    }
}

pub(super) fn prove(backup: &Backup<'_>, folder: &DataFolder, changes: Changes) -> Result<Proof> {
    let scratch = tempfile::tempdir_in(folder.root())?;
    let log = folder.open_log_to_read(scratch.path())?;
    let bar = Bar::new("verifying");
    let report = verify_log(&log, &mut |progress| bar.show(progress)).context("the restored log does not verify")?;
    drop((bar, log, scratch));
    let scratch = tempfile::tempdir_in(folder.root())?;
    let replay::Equal { head, digest } =
        replay::compared(folder, scratch.path())?.map_err(|why| anyhow!("the restored log does not replay: {why}"))?;
    let missing_media = missing_media(backup, folder)?;
    Ok(Proof { report, changes, head, digest, missing_media })
}

/// How many files addresses lead to that are not in the backup.
fn missing_media(backup: &Backup<'_>, folder: &DataFolder) -> Result<u64> {
    let there: BTreeSet<String> = backup.media()?.into_iter().map(|digest| TokenHash(digest).to_text()).collect();
    let rows = folder.open_views(Settings::default())?;
    let mut missing = BTreeSet::new();
    views::media::each_digest(&*rows.snapshot(), |digest| {
        if !there.contains(&digest) {
            missing.insert(digest);
        }
    })?;
    Ok(missing.len() as u64)
}
