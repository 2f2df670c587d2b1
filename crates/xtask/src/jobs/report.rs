//! What a job is given. How the programs that it starts are run is not here but in `child`.

use std::path::PathBuf;
use std::sync::Arc;

use crate::jobs::children::Children;
use crate::jobs::priority::Priority;
use crate::jobs::view::Line;

/// By which a job tells how far it is and starts programs.
pub(crate) struct Report {
    pub(super) line: Line,
    pub(super) log: PathBuf,
    pub(super) priority: Priority,
    pub(super) children: Arc<Children>,
}

impl Report {
    /// What is being done now, in a few words.
    pub(crate) fn say(&self, what: &str) {
        self.line.say(what);
    }
}
