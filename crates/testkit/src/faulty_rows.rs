//! Rows in memory whose storage fails on demand, and which lose what was not flushed when it is opened anew.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use projection::{MemoryRows, NoRows, Order, Remedy, RowStore, Rows, ViewFault, Visit, Writes};

use crate::{Call, Strikes, Trouble};

/// Rows in memory with a storage that can fail.
#[derive(Clone, Default)]
pub struct FaultyRows {
    state: Arc<Mutex<State>>,
    strikes: Arc<Strikes>,
    gate: Arc<Gate>,
}

/// What scans wait at while it is shut.
#[derive(Default)]
struct Gate {
    is_shut: Mutex<bool>,
    opened: Condvar,
}

/// Scans wait for as long as this is there.
pub struct HeldScans(Arc<Gate>);

impl Drop for HeldScans {
    fn drop(&mut self) {
        *self.0.is_shut.lock() = false;
        self.0.opened.notify_all();
    }
}

/// Rows each read of which is a call, of a disk that may take its time: scans wait at the gate.
struct FaultySnapshot {
    rows: Box<dyn Rows>,
    strikes: Arc<Strikes>,
    gate: Arc<Gate>,
}

impl FaultySnapshot {
    fn call(&self, call: Call) -> Result<(), ViewFault> {
        self.strikes.on(call).map_or(Ok(()), |trouble| Err(device(trouble)))
    }
}

impl Rows for FaultySnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewFault> {
        self.call(Call::RowGet)?;
        self.rows.get(key)
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), ViewFault> {
        let mut is_shut = self.gate.is_shut.lock();
        self.gate.opened.wait_while(&mut is_shut, |is_shut| *is_shut);
        drop(is_shut);
        self.call(Call::RowScan)?;
        self.rows.scan(from, to, order, visit)
    }
}

#[derive(Default)]
struct State {
    rows: MemoryRows,
    /// What is there after the storage has failed and is opened anew.
    flushed: MemoryRows,
    /// How many commits are refused from now on, and what helps against it.
    refused: Option<(u32, Remedy)>,
    /// How many attempts to open it anew fail from now on.
    mends_refused: u32,
    has_failed: bool,
}

impl FaultyRows {
    /// No rows, in a storage whose calls are counted and struck by `strikes`.
    #[must_use]
    pub fn under(strikes: Arc<Strikes>) -> Self {
        Self { strikes, ..Self::default() }
    }

    /// The process ends and another opens the storage: if it had failed, what was not flushed is gone.
    ///
    /// # Errors
    /// Never: rows in memory can be copied.
    pub fn open_anew(&self) -> Result<(), ViewFault> {
        let mut state = self.state.lock();
        if state.has_failed { state.reopen() } else { Ok(()) }
    }

    /// Refuses so many commits; each has to be answered with this remedy before another one succeeds.
    pub fn refuse(&self, commits: u32, remedy: Remedy) {
        self.state.lock().refused = Some((commits, remedy));
    }

    /// Lets every scan wait until what is returned is dropped.
    #[must_use]
    pub fn hold_scans(&self) -> HeldScans {
        *self.gate.is_shut.lock() = true;
        HeldScans(Arc::clone(&self.gate))
    }

    /// Refuses to be opened anew so many times.
    pub fn refuse_mending(&self, times: u32) {
        self.state.lock().mends_refused = times;
    }
}

impl State {
    fn reopen(&mut self) -> Result<(), ViewFault> {
        self.rows = copy_of(&self.flushed)?;
        self.has_failed = false;
        Ok(())
    }
}

impl FaultyRows {
    /// Every write goes through here. One that fails makes the storage refuse all others until it is opened anew.
    fn write(&self, call: Call, work: impl FnOnce(&mut State) -> Result<(), ViewFault>) -> Result<(), ViewFault> {
        let mut state = self.state.lock();
        let struck = match self.strikes.on(call) {
            None => return work(&mut state),
            Some(Trouble::Late) => {
                work(&mut state)?;
                Trouble::Late
            }
            Some(trouble) => trouble,
        };
        state.has_failed = true;
        Err(device(struck))
    }
}

fn device(trouble: Trouble) -> ViewFault {
    ViewFault::new(format!("{trouble:?}, as the test asks")).with_remedy(Remedy::Reopen)
}

fn copy_of(rows: &MemoryRows) -> Result<MemoryRows, ViewFault> {
    let copy = MemoryRows::new();
    let mut writes = Writes::new();
    let from = rows.snapshot();
    from.scan(&[0], &[u8::MAX], projection::Order::Ascending, &mut |key, value| {
        writes.insert(key.to_vec(), Some(value.to_vec()));
        std::ops::ControlFlow::Continue(())
    })?;
    copy.commit(&writes)?;
    Ok(copy)
}

impl RowStore for FaultyRows {
    fn snapshot(&self) -> Box<dyn Rows + '_> {
        let state = self.state.lock();
        if state.has_failed {
            return Box::new(NoRows);
        }
        let (strikes, gate) = (Arc::clone(&self.strikes), Arc::clone(&self.gate));
        Box::new(FaultySnapshot { rows: state.rows.frozen(), strikes, gate })
    }

    fn commit(&self, writes: &Writes) -> Result<(), ViewFault> {
        self.write(Call::RowCommit, |state| {
            if let Some((left, remedy)) = state.refused {
                state.refused = (left > 1).then_some((left - 1, remedy));
                state.has_failed = remedy != Remedy::None;
                return Err(ViewFault::new("the storage refuses, as the test asks").with_remedy(remedy));
            }
            if state.has_failed {
                return Err(ViewFault::new("the storage has failed and was not opened anew").with_remedy(Remedy::Reopen));
            }
            state.rows.commit(writes)
        })
    }

    fn delete_range(&self, from: &[u8], to: &[u8]) -> Result<(), ViewFault> {
        self.write(Call::RowDeleteRange, |state| state.rows.delete_range(from, to))
    }

    fn flush(&self) -> Result<(), ViewFault> {
        self.write(Call::RowFlush, |state| {
            state.flushed = copy_of(&state.rows)?;
            Ok(())
        })
    }

    fn mend(&self, remedy: Remedy) -> Result<(), ViewFault> {
        self.write(Call::RowMend, |state| {
            if state.mends_refused > 0 {
                state.mends_refused -= 1;
                return Err(ViewFault::new("the storage does not open, as the test asks").with_remedy(remedy));
            }
            if remedy == Remedy::Rebuild {
                (state.rows, state.flushed) = (MemoryRows::new(), MemoryRows::new());
            }
            state.reopen()
        })
    }
}
