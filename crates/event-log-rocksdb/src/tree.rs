//! The tree and its checkpoints.

use event_log::{AppendError, LogFault, StoredCheckpoint, TreeStore};
use rocksdb::WriteBatch;

use crate::database::{family, handle};
use crate::fault::storage;
use crate::options::{CHECKPOINTS, TREE};
use crate::rows;
use crate::store::RocksLog;

impl TreeStore for RocksLog {
    fn extend(&self, first: u64, nodes: &[[u8; 32]], checkpoint: &StoredCheckpoint) -> Result<(), AppendError> {
        let write = {
            let guard = self.opened()?;
            let database = handle(&guard)?;
            let (tree, checkpoints) = (family(database, TREE)?, family(database, CHECKPOINTS)?);
            let mut write = WriteBatch::default();
            for (index, node) in (first..).zip(nodes) {
                write.put_cf(tree, index.to_be_bytes(), node);
            }
            write.put_cf(checkpoints, checkpoint.size.to_be_bytes(), rows::checkpoint_value(checkpoint));
            write
        };
        self.check_room(&write)?;
        self.write(write, false)
    }

    fn nodes(&self, indexes: &[u64]) -> Result<Vec<[u8; 32]>, LogFault> {
        let guard = self.opened()?;
        let database = handle(&guard)?;
        let tree = family(database, TREE)?;
        let mut nodes = Vec::with_capacity(indexes.len());
        for index in indexes {
            let value = database.get_pinned_cf(tree, index.to_be_bytes()).map_err(|error| storage(&error))?;
            let node = value.and_then(|value| <[u8; 32]>::try_from(value.as_ref()).ok());
            nodes.push(node.ok_or_else(|| LogFault::Storage(format!("tree node {index} is missing")))?);
        }
        Ok(nodes)
    }

    fn checkpoints(&self, size: u64, limit: usize) -> Result<Vec<StoredCheckpoint>, LogFault> {
        let guard = self.opened()?;
        let database = handle(&guard)?;
        let mut rows = database.raw_iterator_cf(family(database, CHECKPOINTS)?);
        rows.seek(size.to_be_bytes());
        let mut checkpoints = Vec::new();
        while checkpoints.len() < limit
            && let Some((key, value)) = rows.item()
        {
            checkpoints.push(rows::checkpoint(key, value)?);
            rows.next();
        }
        rows.status().map_err(|error| storage(&error))?;
        Ok(checkpoints)
    }

    fn last_checkpoint(&self) -> Result<Option<StoredCheckpoint>, LogFault> {
        let guard = self.opened()?;
        let database = handle(&guard)?;
        let mut rows = database.raw_iterator_cf(family(database, CHECKPOINTS)?);
        rows.seek_to_last();
        rows.status().map_err(|error| storage(&error))?;
        rows.item().map(|(key, value)| rows::checkpoint(key, value)).transpose()
    }
}
