//! `hearth restore`.

mod forgotten;
mod proof;
mod target;

use std::{fs, io::BufReader, path::Path, sync::Arc, time::Instant};

use ::backup::{Backup, Fault, Folder, age::Identity};
use anyhow::{Context, Result, anyhow};
use event_log::{LogKey, SystemClock};
use event_log_rocksdb::RocksLog;
use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};

use super::{import::key_epoch, progress::Bar};
use crate::{
    backup_place::BackupPlace, blobs::FileBlobs, cli::Restore, console::say, data_folder::DataFolder, processor, settings,
};
use proof::{Changes, Proof};
use target::Target;

/// What was done, for a program.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The name of the backup.
    pub(crate) backup: String,
    /// Whether only the hashes of its files were checked, because it is encrypted and no identity was named.
    pub(crate) is_sealed: bool,
    /// Files that addresses lead to and that are not in it.
    pub(crate) missing_media: u64,
    /// People who were erased since, and are erased again when the server starts.
    pub(crate) erased_again: usize,
    /// SHA-256 of the rows that the log gives; nothing for one that is sealed.
    pub(crate) state_digest: String,
    /// How long it took, milliseconds.
    pub(crate) duration_ms: u64,
}

pub(crate) fn run(args: &Restore) -> Result<()> {
    if args.by_program.gently {
        processor::give_way();
    }
    let begun = Instant::now();
    let folder = BackupPlace::named(&args.folder, || Ok(settings::load(&args.settings)?.backup))?.to_read()?;
    let identity = args.identity.as_deref().map(read_identity).transpose()?;
    let mut outcome = if args.rehearse {
        rehearse(args, &folder, identity)?
    } else {
        let backup = Backup::find(&folder, args.at.as_deref(), identity.clone())?;
        let forgotten = forgotten::since(&folder, &backup, identity)?;
        let target = Target::begin(&args.data.data)?;
        let proof = restore(&backup, target.folder(), &forgotten)?;
        target.finish()?;
        if !args.by_program.json {
            proof.tell(&backup)?;
        }
        outcome(&backup, Some(&proof))
    };
    outcome.duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    if args.by_program.json {
        return say(&serde_json::to_string(&outcome)?);
    }
    if !args.rehearse {
        let data = args.data.data.display();
        say(&format!("The server can be started on {data}. Stop the one that it replaces first, if that runs still."))?;
    }
    Ok(())
}

fn read_identity(path: &Path) -> Result<Identity> {
    let text =
        zeroize::Zeroizing::new(fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?);
    Identity::from_file_text(&text).map_err(|error| anyhow!("{} {error}", path.display()))
}

/// Restores into a folder that is taken away again. Of an encrypted backup that nobody can open here, the hashes are checked.
fn rehearse(args: &Restore, folder: &Folder, identity: Option<Identity>) -> Result<Outcome> {
    let sealed = Backup::sealed(folder, args.at.as_deref())?;
    if sealed.manifest().recipient.is_some() && identity.is_none() {
        let bar = Bar::new("checking");
        sealed.check(&mut |done, total| bar.files(done, total))?;
        sealed.check_media(&mut |done, total| bar.files(done, total))?;
        drop(bar);
        if !args.by_program.json {
            say("The backup is encrypted: its files are there and whole. Name its identity with --identity to restore it.")?;
        }
        return Ok(outcome(&sealed, None));
    }
    let backup = Backup::find(folder, args.at.as_deref(), identity)?;
    let target = Target::scratch(&args.data.data)?;
    let proof = restore(&backup, target.folder(), &[])?;
    if !args.by_program.json {
        proof.tell(&backup)?;
    }
    Ok(outcome(&backup, Some(&proof)))
}

fn outcome(backup: &Backup<'_>, proof: Option<&Proof>) -> Outcome {
    Outcome {
        backup: backup.manifest().name(),
        is_sealed: proof.is_none(),
        missing_media: proof.map_or(0, |proof| proof.missing_media),
        erased_again: proof.map_or(0, |proof| proof.changes.erased_again),
        state_digest: proof.map(|proof| proof.digest.clone()).unwrap_or_default(),
        duration_ms: 0,
    }
}

/// Fills an empty folder, checks the hash of everything that it takes, and proves what has become of it.
fn restore(backup: &Backup<'_>, path: &Path, forgotten: &[OwnedUserId]) -> Result<Proof> {
    target::check_room(path, backup.manifest().restored_bytes())?;
    let bar = Bar::new("checking");
    backup.check(&mut |done, total| bar.files(done, total))?;
    drop(bar);
    let folder = DataFolder::new(path);
    folder.write_keys(&backup.keys()?)?;
    let key = LogKey::read(&folder.log_key()).context("the backup holds no key of the log")?;
    let changes = records(backup, &folder, key, forgotten)?;
    media(backup, &folder)?;
    proof::prove(backup, &folder, changes)
}

/// Takes the records in and starts a new epoch, of the log and of everybody's one-time keys. Says how many people had some, and how many are
/// forgotten again.
fn records(backup: &Backup<'_>, folder: &DataFolder, key: LogKey, forgotten: &[OwnedUserId]) -> Result<Changes> {
    let export = backup.export(key.clone(), backup.erasures()?)?;
    let storage = Arc::new(RocksLog::open(folder.log())?);
    let bar = Bar::new("restoring");
    let reader = BufReader::with_capacity(1 << 20, export);
    let restored = event_log::restore(reader, storage, key, Arc::new(SystemClock), &mut |progress| bar.show(progress));
    drop(bar);
    let (log, _) = restored.context("the records of the backup are not what was backed up")?;
    let closing = match forgotten {
        // The key that signs events is made where there is none; nobody needs it here.
        [] => Vec::new(),
        people => forgotten::closing(log.reader(), people, &folder.signing_key()?)?,
    };
    let erased_again = closing.len();
    Ok(Changes { people: key_epoch::start(log, closing)?, erased_again })
}

fn media(backup: &Backup<'_>, folder: &DataFolder) -> Result<()> {
    let digests = backup.media()?;
    let blobs = FileBlobs::new(folder.media(), 0);
    let bar = Bar::new("copying files");
    for (done, digest) in (1..).zip(&digests) {
        let copied = blobs.take(digest, |mut to| backup.copy_medium(digest, &mut to).map(drop).map_err(Copy::from));
        copied.map_err(|error| match error {
            Copy::Backup(fault) => anyhow::Error::new(fault),
            Copy::Here(error) => anyhow::Error::new(error).context("the files of the backup cannot be written"),
        })?;
        bar.files(done, digests.len() as u64);
    }
    Ok(())
}

/// Why a file was not copied.
enum Copy {
    Backup(Fault),
    Here(std::io::Error),
}

impl From<std::io::Error> for Copy {
    fn from(error: std::io::Error) -> Self {
        Self::Here(error)
    }
}

impl From<Fault> for Copy {
    fn from(fault: Fault) -> Self {
        Self::Backup(fault)
    }
}
