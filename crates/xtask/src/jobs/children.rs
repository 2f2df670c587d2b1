//! Which programs run for jobs now, so that all can be ended.

use std::sync::Mutex;

use crate::jobs::mutex::lock;
use crate::process;

/// The process ids of what runs now.
#[derive(Debug, Default)]
pub(super) struct Children(Mutex<Running>);

#[derive(Debug, Default)]
struct Running {
    ids: Vec<u32>,
    ended: bool,
}

impl Children {
    /// Notes a child; false when all were ended meanwhile.
    pub(super) fn add(&self, id: u32) -> bool {
        let mut running = lock(&self.0);
        running.ids.push(id);
        !running.ended
    }

    pub(super) fn remove(&self, id: u32) {
        lock(&self.0).ids.retain(|own| *own != id);
    }

    /// Ends all that run, and what would start later.
    pub(super) fn end_all(&self) {
        let mut running = lock(&self.0);
        running.ended = true;
        for id in &running.ids {
            end(*id);
        }
    }
}

/// Ends one.
pub(super) fn end(id: u32) {
    // It may have ended by itself just now.
    let _ = process::probe(process::command("kill").args(["-TERM", &id.to_string()]));
}
