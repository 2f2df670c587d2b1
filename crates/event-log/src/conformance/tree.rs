//! What every store of a tree must do.

use super::check::{Outcome, ensure, said, same};
use crate::record::Position;
use crate::store::{StoredCheckpoint, TreeStore};

pub(super) fn check(store: &dyn TreeStore) -> Outcome {
    same(&store.last_checkpoint(), &Ok(None))?;
    same(&store.checkpoints(0, 10), &Ok(Vec::new()))?;
    let checkpoint = |size: u64| StoredCheckpoint { size, position: Position(size), note: format!("note {size}\n") };
    let node = |number: u8| [number; 32];
    store.extend(0, &[node(0), node(1), node(2)], &checkpoint(2)).map_err(said)?;
    store.extend(3, &[node(3)], &checkpoint(3)).map_err(said)?;
    store.extend(3, &[node(3), node(4)], &checkpoint(300)).map_err(said)?;
    same(&store.nodes(&[4, 0, 2]), &Ok(vec![node(4), node(0), node(2)]))?;
    same(&store.nodes(&[]), &Ok(Vec::new()))?;
    ensure(store.nodes(&[0, 5]).is_err(), "a missing tree node is no error")?;
    same(&store.last_checkpoint(), &Ok(Some(checkpoint(300))))?;
    same(&store.checkpoints(0, 2), &Ok(vec![checkpoint(2), checkpoint(3)]))?;
    same(&store.checkpoints(4, 2), &Ok(vec![checkpoint(300)]))
}
