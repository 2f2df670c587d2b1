//! How far each view has been folded, kept as rows beside the views' own. Not a lock: there is one runner.
//!
//! Folds move in lockstep, so most of the time they all stand at the same position. Two rows say it all and only the
//! first is written with each group: the position that every view has reached, and a table of the views with their
//! versions, in which a view that was further on when the runner started is marked as ahead until the others meet it.
//! A view stands at the larger of the two.

use std::collections::BTreeMap;

use event_log::Position;
use serde::{Deserialize, Serialize};

use crate::{Rows, ViewFault, Writes};

/// Cursors live under view byte 0, which no view may use.
const REACHED_KEY: &[u8] = &[0, 0];
const VIEWS_KEY: &[u8] = &[0, 1];
const FOOTING_KEY: &[u8] = &[0, 3];

/// The last record that any view was folded from. Its hash covers all records before it, so it says which log the rows
/// were folded from, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Footing {
    pub(crate) position: Position,
    /// Hash of the record's header.
    pub(crate) hash: [u8; 32],
}

impl Footing {
    /// What these rows stand on; `None` when nothing was folded into them yet.
    pub(crate) fn of(rows: &dyn Rows) -> Result<Option<Self>, ViewFault> {
        let Some(value) = rows.get(FOOTING_KEY)? else { return Ok(None) };
        let Some((position, hash)) = value.split_first_chunk() else { return Err(no_footing()) };
        let hash = hash.try_into().map_err(|_| no_footing())?;
        Ok(Some(Self { position: Position(u64::from_be_bytes(*position)), hash }))
    }

    pub(crate) fn row(&self) -> (Vec<u8>, Vec<u8>) {
        let value = [self.position.0.to_be_bytes().as_slice(), &self.hash].concat();
        (FOOTING_KEY.to_vec(), value)
    }
}

fn no_footing() -> ViewFault {
    ViewFault::new("the row that names the last record the views were folded from does not decode")
}

/// Where a view stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The view's byte.
    pub view: u8,
    /// The version of the fold that wrote its rows.
    pub version: u32,
    /// The last position folded; 0 when nothing was.
    pub position: Position,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    view: u8,
    version: u32,
    ahead: u64,
}

/// The cursor of the view called `name` in these rows; `None` when that view was never folded.
pub fn cursor_of(rows: &dyn Rows, name: &str) -> Result<Option<Cursor>, ViewFault> {
    Ok(read_all(rows)?.remove(name))
}

/// The position that every view has reached in these very rows: what `/sync` may hand out as `next_batch`.
pub fn position_of_snapshot(rows: &dyn Rows) -> Result<Position, ViewFault> {
    let Some(value) = rows.get(REACHED_KEY)? else {
        return Ok(Position::ZERO);
    };
    let bytes =
        value.try_into().map_err(|_| ViewFault::new("the row that says how far the views have come does not decode"))?;
    Ok(Position(u64::from_be_bytes(bytes)))
}

/// All cursors by the name of their view.
pub(crate) fn read_all(rows: &dyn Rows) -> Result<BTreeMap<String, Cursor>, ViewFault> {
    let reached = position_of_snapshot(rows)?;
    let Some(value) = rows.get(VIEWS_KEY)? else {
        return Ok(BTreeMap::new());
    };
    let stored: BTreeMap<String, Stored> = serde_json::from_slice(&value)
        .map_err(|error| ViewFault::caused("the row that lists the views does not decode", error))?;
    let cursor = |stored: Stored| Cursor {
        view: stored.view,
        version: stored.version,
        position: reached.max(Position(stored.ahead)),
    };
    Ok(stored.into_iter().map(|(name, stored)| (name, cursor(stored))).collect())
}

/// The writes that replace all cursors.
pub(crate) fn write_all(cursors: &BTreeMap<String, Cursor>) -> Result<Writes, ViewFault> {
    let reached = slowest(cursors.values());
    let stored: BTreeMap<&String, Stored> = cursors
        .iter()
        .map(|(name, cursor)| {
            let stored = Stored { view: cursor.view, version: cursor.version, ahead: cursor.position.0 };
            (name, stored)
        })
        .collect();
    let views =
        serde_json::to_vec(&stored).map_err(|error| ViewFault::caused("the list of the views does not encode", error))?;
    let (key, value) = reached_row(reached);
    Ok(Writes::from([(key, Some(value)), (VIEWS_KEY.to_vec(), Some(views))]))
}

/// The row that moves all views to `position`.
pub(crate) fn reached_row(position: Position) -> (Vec<u8>, Vec<u8>) {
    (REACHED_KEY.to_vec(), position.0.to_be_bytes().to_vec())
}

/// The smallest position of `cursors`; 0 when there are none.
pub(crate) fn slowest<'c>(cursors: impl Iterator<Item = &'c Cursor>) -> Position {
    cursors.map(|cursor| cursor.position).min().unwrap_or(Position::ZERO)
}
