//! What can go wrong, in the words that whoever backs up or restores reads.

use std::{
    io,
    path::{Path, PathBuf},
};

use event_log::SegmentError;

/// Why a backup was not made, read or restored. Backups that were there before are as they were.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A disk has no room.
    #[error("the disk of {} is full. Nothing that was there before has changed; make room and try again", .0.display())]
    Full(PathBuf),
    /// A disk has no room for what is to come.
    #[error("{} has {free} bytes left, and this takes about {needed}. Make room or name a folder on a larger disk", .path.display())]
    NoRoom {
        /// The folder on that disk.
        path: PathBuf,
        /// What is there, bytes.
        free: u64,
        /// What is needed, bytes.
        needed: u64,
    },
    /// A file or folder could not be read or written.
    #[error("{}: {error}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The folder has other things in it.
    #[error("{} holds something else than backups. Name a folder that is empty, or one that `hearth backup` has made", .0.display())]
    NotOurs(PathBuf),
    /// Somebody else writes into the folder, or reads it.
    #[error("another backup or restore is at work in {}. Try again when it has ended", .0.display())]
    Busy(PathBuf),
    /// There is none.
    #[error("there is no backup in {}. One that was broken off is none", .0.display())]
    NoBackup(PathBuf),
    /// There is none of this name.
    #[error("there is no backup {name}; there are: {there}")]
    NoSuchBackup {
        /// The name.
        name: String,
        /// The newest ones that there are.
        there: String,
    },
    /// A manifest does not read.
    #[error("the manifest {} does not read: {what}. Restore an older backup with --at", .path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// It was written by a later version.
    #[error(
        "the backup {name} has format {format}, and this version reads up to {known}. Restore it with {made_by} or a newer version"
    )]
    Newer {
        /// The backup.
        name: String,
        /// Its format.
        format: u32,
        /// The newest format that is known.
        known: u32,
        /// What has made it.
        made_by: String,
    },
    /// The folder is of another server.
    #[error("{} holds backups of {there}, and this is {here}. Each server has a folder of its own", .path.display())]
    OtherServer {
        /// The folder.
        path: PathBuf,
        /// Whose backups it holds.
        there: String,
        /// Who wanted to write.
        here: String,
    },
    /// A file that the manifest names is not there.
    #[error("{} is missing, and the backup needs it. Put it back from a copy of the folder, or restore an older backup with --at", .0.display())]
    Missing(PathBuf),
    /// A file is not what the manifest says.
    #[error("{} is damaged: {what}. Put it back from a copy of the folder, or restore an older backup with --at", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// It is encrypted.
    #[error("the backup is encrypted to {0}: name the file of its identity with --identity")]
    NeedsIdentity(String),
    /// It is encrypted to somebody else.
    #[error("the backup is encrypted to {recipient}, and this identity is of {identity}")]
    WrongIdentity {
        /// Who can open it.
        recipient: String,
        /// Who cannot.
        identity: String,
    },
    /// The log could not be written down.
    #[error(transparent)]
    Log(#[from] SegmentError),
}

impl Fault {
    /// What an error of the system at `path` means.
    pub(crate) fn at(path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::Full(path.to_owned())
            }
            io::ErrorKind::NotFound => Self::Missing(path.to_owned()),
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput => {
                Self::Damaged { path: path.to_owned(), what: error.to_string() }
            }
            _ => Self::Io { path: path.to_owned(), error },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io, path::Path};

    use super::Fault;

    #[test]
    fn errors_of_the_system_become_words_with_a_way_out() {
        for (kind, words) in [
            (io::ErrorKind::StorageFull, "the disk of /b is full. Nothing that was there before has changed"),
            (io::ErrorKind::QuotaExceeded, "the disk of /b is full"),
            (io::ErrorKind::FileTooLarge, "the disk of /b is full"),
            (io::ErrorKind::NotFound, "/b is missing, and the backup needs it. Put it back"),
            (io::ErrorKind::UnexpectedEof, "/b is damaged"),
            (io::ErrorKind::PermissionDenied, "/b: permission denied"),
        ] {
            let said = Fault::at(Path::new("/b"), kind.into()).to_string();
            assert!(said.contains(words), "{said}");
        }
    }
}
