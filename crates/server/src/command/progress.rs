//! A progress bar on a terminal, and nothing anywhere else.

use event_log::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// Shows how far a walk over the log has come.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar that says what is being done.
    pub(crate) fn new(doing: &'static str) -> Self {
        let bar = ProgressBar::no_length().with_message(doing);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} records, {eta} left") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// How many records there are in all.
    pub(crate) fn total(&self, records: u64) {
        self.0.set_length(records);
    }

    /// So many are done.
    pub(crate) fn reached(&self, records: u64) {
        self.0.set_position(records);
    }

    /// Takes over a report of the log.
    pub(crate) fn show(&self, progress: Progress) {
        if let Some(total) = progress.total {
            self.total(total);
        }
        self.reached(progress.records);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
