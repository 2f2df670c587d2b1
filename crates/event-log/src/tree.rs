//! The Merkle tree of RFC 6962 over headers, by `tlog_tiles`: its nodes in their store, and proofs from them.

use std::cell::RefCell;

use tlog_tiles::Tile;
use tlog_tiles::tlog::{
    Error as TlogError, Hash, HashReader, check_record, check_tree, node_hash, prove_record, prove_tree, stored_hash_count,
    stored_hashes_for_record_hash, tree_hash,
};

use crate::fault::LogFault;
use crate::store::TreeStore;
use crate::tile::{TILE_HEIGHT, TileId};

/// The stored nodes, plus those not stored yet.
struct Nodes<'a> {
    store: &'a dyn TreeStore,
    first: u64,
    fresh: Vec<Hash>,
    fault: RefCell<Option<LogFault>>,
}

impl HashReader for Nodes<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, TlogError> {
        let fresh = |index: u64| usize::try_from(index.checked_sub(self.first)?).ok();
        let old: Vec<u64> = indexes.iter().copied().filter(|index| *index < self.first).collect();
        let mut stored = if old.is_empty() {
            Vec::new().into_iter()
        } else {
            let read = self.store.nodes(&old).map_err(|fault| {
                *self.fault.borrow_mut() = Some(fault);
                TlogError::IndexesNotInTree
            })?;
            read.into_iter()
        };
        let node = |index: &u64| match fresh(*index) {
            Some(place) => self.fresh.get(place).copied(),
            None => stored.next().map(Hash),
        };
        indexes.iter().map(node).collect::<Option<Vec<_>>>().ok_or(TlogError::IndexesNotInTree)
    }
}

impl<'a> Nodes<'a> {
    const fn new(store: &'a dyn TreeStore, first: u64) -> Self {
        Self { store, first, fresh: Vec::new(), fault: RefCell::new(None) }
    }

    fn fault(self, error: &TlogError) -> LogFault {
        self.fault.into_inner().unwrap_or_else(|| LogFault::Storage(format!("tree: {error}")))
    }
}

/// Nodes to store when `leaves` follow a tree of `size`, the index of the first of them, and the new root.
pub(crate) struct Growth {
    pub(crate) first: u64,
    pub(crate) nodes: Vec<[u8; 32]>,
    pub(crate) root: [u8; 32],
}

pub(crate) fn grow(store: &dyn TreeStore, size: u64, leaves: &[[u8; 32]]) -> Result<Growth, LogFault> {
    let first = stored_hash_count(size);
    let mut nodes = Nodes::new(store, first);
    let mut count = size;
    for leaf in leaves {
        match stored_hashes_for_record_hash(count, Hash(*leaf), &nodes) {
            Ok(hashes) => nodes.fresh.extend(hashes),
            Err(error) => return Err(nodes.fault(&error)),
        }
        count += 1;
    }
    match tree_hash(count, &nodes) {
        Ok(root) => Ok(Growth { first, nodes: nodes.fresh.into_iter().map(|hash| hash.0).collect(), root: root.0 }),
        Err(error) => Err(nodes.fault(&error)),
    }
}

/// Root of the stored tree at `size`.
pub(crate) fn root(store: &dyn TreeStore, size: u64) -> Result<[u8; 32], LogFault> {
    grow(store, size, &[]).map(|growth| growth.root)
}

/// A list of hashes that leads from a leaf or an older root to a root, RFC 6962 sections 2.1.1 and 2.1.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof(pub Vec<[u8; 32]>);

impl Proof {
    fn from(hashes: Vec<Hash>) -> Self {
        Self(hashes.into_iter().map(|hash| hash.0).collect())
    }

    fn hashes(&self) -> Vec<Hash> {
        self.0.iter().map(|hash| Hash(*hash)).collect()
    }

    /// Whether the tree of `size` records with `root` holds, as its record number `count`, the header with `hash`.
    #[must_use]
    pub fn includes(&self, size: u64, root: [u8; 32], count: u64, hash: [u8; 32]) -> bool {
        let Some(index) = count.checked_sub(1) else { return false };
        index < size && check_record(&self.hashes(), size, Hash(root), index, Hash(hash)).is_ok()
    }

    /// Whether the tree of `size` records with `root` begins with the tree of `old_size` records with `old_root`.
    #[must_use]
    pub fn extends(&self, size: u64, root: [u8; 32], old_size: u64, old_root: [u8; 32]) -> bool {
        (1..=size).contains(&old_size) && check_tree(&self.hashes(), size, Hash(root), old_size, Hash(old_root)).is_ok()
    }
}

/// Proof that record number `count` is in the stored tree of `size`.
pub(crate) fn inclusion(store: &dyn TreeStore, size: u64, count: u64) -> Result<Proof, LogFault> {
    let nodes = Nodes::new(store, u64::MAX);
    let index = count.checked_sub(1).filter(|index| *index < size);
    let index = index.ok_or_else(|| LogFault::Storage(format!("record {count} is not in the tree of {size}")))?;
    match prove_record(size, index, &nodes) {
        Ok(proof) => Ok(Proof::from(proof)),
        Err(error) => Err(nodes.fault(&error)),
    }
}

/// Proof that the stored tree of `size` begins with the tree of `old_size`.
pub(crate) fn consistency(store: &dyn TreeStore, size: u64, old_size: u64) -> Result<Proof, LogFault> {
    let nodes = Nodes::new(store, u64::MAX);
    match prove_tree(size, old_size, &nodes) {
        Ok(proof) => Ok(Proof::from(proof)),
        Err(error) => Err(nodes.fault(&error)),
    }
}

/// The hashes of a tile of the stored tree of `size`, one after the other; nothing when that tree does not fill it.
pub(crate) fn tile(store: &dyn TreeStore, size: u64, id: &TileId) -> Result<Option<Vec<u8>>, LogFault> {
    if !id.is_within(size) {
        return Ok(None);
    }
    let nodes = Nodes::new(store, u64::MAX);
    let tile = Tile::new(TILE_HEIGHT, id.level(), id.index(), id.width(), false);
    match tile.read_data(&nodes) {
        Ok(hashes) => Ok(Some(hashes)),
        Err(error) => Err(nodes.fault(&error)),
    }
}

/// The right edge of a growing tree: enough for its root, in memory that grows with the logarithm of its size.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    size: u64,
    /// Roots of the complete subtrees, greatest first; one for each bit that is set in `size`.
    peaks: Vec<Hash>,
}

impl Edge {
    pub(crate) fn push(&mut self, leaf: [u8; 32]) {
        let mut hash = Hash(leaf);
        let mut bits = self.size;
        while bits & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(left, hash);
            bits >>= 1;
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    pub(crate) fn root(&self) -> [u8; 32] {
        let mut peaks = self.peaks.iter().rev().copied();
        let Some(last) = peaks.next() else { return tlog_tiles::tlog::EMPTY_HASH.0 };
        peaks.fold(last, |right, left| node_hash(left, right)).0
    }
}
