//! What RocksDB's errors mean to a log.

use event_log::{LogFault, Position};

pub(crate) fn storage(error: &rocksdb::Error) -> LogFault {
    LogFault::Storage(error.to_string())
}

/// Nothing can be read before the log has been opened again.
pub(crate) fn closed() -> LogFault {
    LogFault::Unavailable("the log could not be opened again after a failed write".to_owned())
}

/// RocksDB found a broken block while rows were read in order: the record after the last whole one is in it.
pub(crate) fn unreadable(error: &rocksdb::Error, position: Position) -> LogFault {
    if error.kind() == rocksdb::ErrorKind::Corruption {
        LogFault::Damaged { position, what: error.to_string() }
    } else {
        storage(error)
    }
}

pub(crate) fn is_full(error: &rocksdb::Error) -> bool {
    let text = error.as_ref();
    ["No space left on device", "NoSpace", "Disk quota exceeded", "File too large"].iter().any(|why| text.contains(why))
}
