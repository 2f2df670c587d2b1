//! One fault at one call: every call to a storage is counted, and the one that a test names fails as the test says.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The device gives an error (EIO). Nothing was done.
    Io,
    /// There is no room (ENOSPC). Nothing was done.
    NoSpace,
    /// Only the first bytes were written.
    Short,
    /// All of it was done, and the error came afterwards: a sync that failed after the write.
    Late,
}

/// A call to one of the storages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is named after the method")]
pub enum Call {
    Append,
    Read,
    ReadHeaders,
    Head,
    Cut,
    ExtendTree,
    TreeNodes,
    Checkpoints,
    LastCheckpoint,
    RowGet,
    RowScan,
    RowCommit,
    RowDeleteRange,
    RowFlush,
    RowMend,
}

impl Call {
    /// The ways in which this call can fail. Only an append has a word of its own for a lack of room, and only it can leave a
    /// part: everything else is done whole or not at all.
    #[must_use]
    pub fn troubles(self) -> &'static [Trouble] {
        use Trouble::{Io, Late, NoSpace, Short};
        match self {
            Self::Append => &[Io, NoSpace, Short, Late],
            Self::Cut | Self::ExtendTree | Self::RowCommit | Self::RowDeleteRange | Self::RowFlush => &[Io, Late],
            Self::Read | Self::ReadHeaders | Self::Head | Self::TreeNodes | Self::Checkpoints | Self::LastCheckpoint => {
                &[Io]
            }
            Self::RowGet | Self::RowScan | Self::RowMend => &[Io],
        }
    }

    /// Whether it goes to the rows of the views; if not, to the log.
    #[must_use]
    pub fn is_of_rows(self) -> bool {
        self >= Self::RowGet
    }
}

/// Counts the calls to the storages that share it, and strikes one of them.
#[derive(Debug, Default)]
pub struct Strikes {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How often each was made. Threads call side by side, so only the order of one kind of call is the same each time.
    calls: BTreeMap<Call, usize>,
    planned: Option<Strike>,
    has_struck: bool,
}

/// One fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strike {
    /// What fails,
    pub call: Call,
    /// after so many of its kind,
    pub after: usize,
    /// and how.
    pub trouble: Trouble,
}

impl Strikes {
    /// Lets this happen.
    #[must_use]
    pub fn once(strike: Strike) -> Self {
        Self { state: Mutex::new(State { planned: Some(strike), ..State::default() }) }
    }

    /// How often each call was made so far.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<Call, usize> {
        self.state.lock().calls.clone()
    }

    /// Whether what was to happen has happened.
    #[must_use]
    pub fn has_struck(&self) -> bool {
        self.state.lock().has_struck
    }

    /// Counts a call; what happens to it, if it is the one.
    pub(crate) fn on(&self, call: Call) -> Option<Trouble> {
        let mut state = self.state.lock();
        let count = state.calls.entry(call).or_default();
        let before = *count;
        *count += 1;
        let strike = state.planned.filter(|strike| strike.call == call && strike.after == before)?;
        state.has_struck = true;
        Some(strike.trouble)
    }
}
