//! A stage: one part of the test run. Which ones there are is in `stages`.

use anyhow::Result;

use crate::command::tidy::Judge;

/// One part of the test run.
pub(super) struct Stage {
    /// How it is called on the command line.
    pub(super) name: &'static str,
    /// What it proves.
    pub(super) what: &'static str,
    /// Does it; an error is a failure. What judges command lines is for the stage that reads the documentation.
    pub(super) run: fn(Judge) -> Result<()>,
}
