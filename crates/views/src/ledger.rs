//! View `ledger`: what admins have done, for everybody on the server to read. An entry a fact, never changed and never removed.

mod act;

use domain::{Fact, directory::By};
use projection::{Batch, Fold, KeyRange, Order, Place, Rows, Table, ViewFault};
use serde::{Deserialize, Serialize};

pub use act::{Act, act_of};

use crate::{Audience, Touched};

const VIEW: u8 = 14;

/// Position of a fact → what was done.
const ENTRIES: Table<u64, LedgerRow> = Table::new(VIEW, 1);

/// One act of an admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// When, milliseconds since the epoch.
    pub at_ms: u64,
    /// Who did it.
    pub by: By,
    /// What.
    #[serde(flatten)]
    pub act: Act,
}

/// The view's fold.
#[derive(Debug, Default)]
pub struct LedgerView;

impl Fold<Fact, Audience> for LedgerView {
    fn name(&self) -> &'static str {
        "ledger"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        1
    }

    fn fold(&self, batch: &mut Batch<'_>, _: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
        let Some((by, act)) = act_of(fact) else { return Ok(()) };
        ENTRIES.put(batch, &place.position.0, &LedgerRow { at_ms: place.at_ms, by: by.clone(), act })
    }
}

/// At most `limit` entries, newest first: those before the position `before`, or from the newest on. Each with its position.
///
/// # Errors
/// Storage failed.
pub fn entries(rows: &dyn Rows, before: Option<u64>, limit: usize) -> Result<Vec<(u64, LedgerRow)>, ViewFault> {
    let range = before.map_or_else(KeyRange::whole, |before| KeyRange::between(&0_u64, &before));
    ENTRIES.collect(rows, range, Order::Descending, limit)
}
