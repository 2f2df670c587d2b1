//! Why a folder does not open.

use std::path::{Path, PathBuf};

/// Why a folder does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{} is in use by another process; a folder has one server at a time", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// RocksDB found something broken.
    #[error("{} is damaged: {what}. Restore it from a backup, or import an export", path.display())]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What RocksDB says.
        what: String,
    },
    /// Anything else: rights, no folder, no room.
    #[error("{} cannot be opened: {what}", path.display())]
    Storage {
        /// The folder.
        path: PathBuf,
        /// What RocksDB says.
        what: String,
    },
}

impl OpenError {
    pub(crate) fn of(path: &Path, error: &rocksdb::Error) -> Self {
        let (path, what) = (path.to_owned(), error.to_string());
        // RocksDB tells a held lock and a disk error apart only in the text.
        if what.contains("LOCK: Resource temporarily unavailable") || what.contains("lock hold by current process") {
            Self::Locked { path }
        } else if error.kind() == rocksdb::ErrorKind::Corruption {
            Self::Damaged { path, what }
        } else {
            Self::Storage { path, what }
        }
    }
}
