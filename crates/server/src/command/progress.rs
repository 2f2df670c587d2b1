//! A progress bar on a terminal, and nothing anywhere else.

use event_log::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// Shows how far a walk over the log has come.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar that says what is being done.
    pub(crate) fn new(doing: &'static str) -> Self {
        let bar = ProgressBar::no_length().with_message(doing);
        let bar = Self(bar);
        bar.style("records");
        bar
    }

    fn style(&self, what: &str) {
        let template = format!("{{msg}} {{wide_bar}} {{human_pos}}/{{human_len}} {what}, {{eta}} left");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            self.0.set_style(style);
        }
    }

    /// So many of all files are done.
    pub(crate) fn files(&self, done: u64, total: u64) {
        if done == 1 {
            self.style("files");
        }
        self.total(total);
        self.reached(done);
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
