//! One tab at a time: two copies of the library on the same databases would corrupt each other's keys.
//!
//! The browser's lock manager decides; a lock dies with its tab. Pages that came over plain HTTP have no lock manager:
//! there a mark in local storage decides (`hearth_web_state::session::Lease`).

mod lease;
mod locks;
mod news;

use futures_channel::mpsc::{UnboundedReceiver, unbounded};

use lease::ByMark;
use locks::Locks;
pub(crate) use news::LeadNews;

/// The lead, to be asked for.
pub(crate) enum Lead {
    /// By the browser's locks.
    Locks(Locks),
    /// By a mark in storage.
    Mark(ByMark),
}

impl Lead {
    /// What is heard comes for the life of the page.
    pub(crate) fn new() -> (Self, UnboundedReceiver<LeadNews>) {
        let (sender, receiver) = unbounded();
        let lead = match Locks::find(sender.clone()) {
            Some(locks) => Self::Locks(locks),
            None => Self::Mark(ByMark::new(sender)),
        };
        (lead, receiver)
    }

    /// Gets in line for it.
    pub(crate) fn ask(&self) {
        match self {
            Self::Locks(locks) => locks.request(false),
            Self::Mark(mark) => mark.watch(),
        }
    }

    /// Takes it from whoever has it.
    pub(crate) fn steal(&self) {
        match self {
            Self::Locks(locks) => locks.request(true),
            Self::Mark(mark) => mark.steal(),
        }
    }
}
