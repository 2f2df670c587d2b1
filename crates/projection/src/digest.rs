//! Proof that live rows and replayed rows are the same bytes: a digest, and the first difference.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::ops::ControlFlow;

use sha2::{Digest, Sha256};

use crate::{Order, Rows, ViewFault};

/// All rows of all views, and none of the cursors, which live under byte 0.
const VIEWS_FROM: &[u8] = &[1];
const VIEWS_TO: &[u8] = &[u8::MAX];

/// Rows read at a time from each side of a comparison.
const PAGE_ROWS: usize = 512;

/// The first place where two sets of rows differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The view's byte.
    pub view: u8,
    /// The whole key, view and table bytes included.
    pub key: Vec<u8>,
}

/// SHA-256 over all rows of all views in key order, each as key length, key, value length, value (lengths as u64, big
/// endian). Cursors are left out, so a store that was rebuilt has the digest of one that never was.
pub fn digest(rows: &dyn Rows) -> Result<[u8; 32], ViewFault> {
    let mut hash = Sha256::new();
    rows.scan(VIEWS_FROM, VIEWS_TO, Order::Ascending, &mut |key, value| {
        for bytes in [key, value] {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
        ControlFlow::Continue(())
    })?;
    Ok(hash.finalize().into())
}

/// The smallest key at which the two sets of rows differ, or that only one of them has.
pub fn compare(live: &dyn Rows, replayed: &dyn Rows) -> Result<Option<Difference>, ViewFault> {
    let (mut live, mut replayed) = (Pages::new(live), Pages::new(replayed));
    loop {
        let key = match (live.next()?, replayed.next()?) {
            (None, None) => return Ok(None),
            (Some(one), Some(other)) if one == other => continue,
            (Some((key, _)), None) | (None, Some((key, _))) => key,
            (Some((one, _)), Some((other, _))) => match one.cmp(&other) {
                Ordering::Less | Ordering::Equal => one,
                Ordering::Greater => other,
            },
        };
        let view = key.first().copied().unwrap_or_default();
        return Ok(Some(Difference { view, key }));
    }
}

type Row = (Vec<u8>, Vec<u8>);

/// Pulls rows one by one out of a store that pushes them.
struct Pages<'r> {
    rows: &'r dyn Rows,
    from: Vec<u8>,
    page: VecDeque<Row>,
}

impl<'r> Pages<'r> {
    fn new(rows: &'r dyn Rows) -> Self {
        Self { rows, from: VIEWS_FROM.to_vec(), page: VecDeque::new() }
    }

    fn next(&mut self) -> Result<Option<Row>, ViewFault> {
        if self.page.is_empty() {
            let page = &mut self.page;
            self.rows.scan(&self.from, VIEWS_TO, Order::Ascending, &mut |key, value| {
                page.push_back((key.to_vec(), value.to_vec()));
                if page.len() < PAGE_ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            if let Some((last, _)) = page.back() {
                // The smallest key after the last one of this page.
                self.from.clone_from(last);
                self.from.push(0);
            }
        }
        Ok(self.page.pop_front())
    }
}
