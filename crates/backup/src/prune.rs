//! Taking old backups away, and every file that no other one needs.

use std::collections::BTreeSet;

use crate::{
    fault::Fault,
    folder::{Folder, medium},
    hex,
    open::Backup,
};

/// What was taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Backups.
    pub backups: u64,
    /// Files that only they needed, and what was left of backups that were broken off.
    pub files: u64,
    /// Bytes of these files.
    pub bytes: u64,
}

/// Keeps the newest `keep` backups (at least one). The manifests go first: what is left if the power goes then is taken away the next time.
///
/// # Errors
/// When a manifest does not read, before anything is taken away, because nobody can tell what it needs; or when a file cannot be removed.
pub fn prune(folder: &Folder, keep: usize) -> Result<Pruned, Fault> {
    let mut names = folder.names()?;
    let kept = names.split_off(names.len().saturating_sub(keep.max(1)));
    let mut needed = BTreeSet::new();
    for name in &kept {
        let backup = Backup::sealed(folder, Some(name))?;
        let manifest = backup.manifest();
        for segment in &manifest.segments {
            needed.insert(folder.part("segments", &segment.file)?);
        }
        needed.insert(folder.part("keys", &manifest.keys)?);
        needed.insert(folder.part("lists", &manifest.media.list)?);
        let media = backup.media()?;
        needed.extend(media.iter().map(|digest| medium(manifest.recipient.as_deref(), digest)));
    }
    let mut pruned = Pruned::default();
    for name in &names {
        folder.forget(name)?;
        pruned.backups += 1;
    }
    if pruned.backups > 0 {
        folder.settle("backups")?;
    }
    for kind in ["segments", "keys", "lists", "media"] {
        let files = folder.list(kind)?;
        for (name, bytes) in files.iter().filter(|(name, _)| is_ours(name) && !needed.contains(name)) {
            folder.remove(name)?;
            pruned.files += 1;
            pruned.bytes += bytes;
        }
    }
    Ok(pruned)
}

/// Whether a manifest can name it: whatever else somebody has put there is theirs.
fn is_ours(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|last| hex::digest(last).is_some())
}
