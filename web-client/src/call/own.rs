//! What one sends: microphone, camera and screen, as long as they are open. It opens none.

use std::{cell::RefCell, collections::HashMap};

use hearth_web_state::call::{CallInput, MediaId, Slot, Ticket};
use web_sys::MediaStream;

use super::{media, reports::Reports};
use crate::browser::Listening;

/// One of them.
struct Medium {
    stream: MediaStream,
    /// Kept to hear when it ends by itself.
    _ended: Vec<Listening>,
}

/// All that is open.
#[derive(Default)]
pub(super) struct OwnMedia {
    open: RefCell<HashMap<MediaId, Medium>>,
}

impl OwnMedia {
    /// Keeps what a capture has brought for these slots, and reports when it ends by itself.
    pub(super) fn keep(&self, ticket: Ticket, captured: &MediaStream, slots: &[Slot], reports: &Reports) {
        for slot in slots {
            let stream = match slot {
                Slot::Microphone => media::only(captured, "audio"),
                Slot::Camera => media::only(captured, "video"),
                Slot::Screen => Some(Clone::clone(captured)),
            };
            if let Some(stream) = stream {
                let id = MediaId { ticket, slot: *slot };
                let ended = watch(id, &stream, reports);
                self.open.borrow_mut().insert(id, Medium { stream, _ended: ended });
            }
        }
    }

    /// One of them, to be sent or shown.
    pub(super) fn stream(&self, id: MediaId) -> Option<MediaStream> {
        self.open.borrow().get(&id).map(|medium| Clone::clone(&medium.stream))
    }

    /// The device that is used as this.
    pub(super) fn device_id(&self, slot: Slot) -> Option<String> {
        let open = self.open.borrow();
        let in_use = open.iter().filter(|(id, _)| id.slot == slot).max_by_key(|(id, _)| id.ticket);
        in_use.and_then(|(_, medium)| media::device_id(&medium.stream))
    }

    /// Gives one of them back.
    pub(super) fn release(&self, id: MediaId) {
        let medium = self.open.borrow_mut().remove(&id);
        if let Some(medium) = medium {
            media::stop(&medium.stream);
        }
    }

    /// Gives all of them back. They are forgotten when they are released.
    pub(super) fn stop(&self) {
        self.open.borrow().values().for_each(|medium| media::stop(&medium.stream));
    }
}

fn watch(id: MediaId, stream: &MediaStream, reports: &Reports) -> Vec<Listening> {
    let mut ended = Vec::new();
    for track in media::tracks(stream) {
        if id.slot == Slot::Screen {
            // The sound of a window may end before its picture.
            if track.kind() == "audio" {
                continue;
            }
            media::prefer_detail(&track);
        }
        let reports = reports.clone();
        ended.push(Listening::to(&track, "ended", move |_| {
            // Nobody listens any more once the account is closed.
            let _ = reports.unbounded_send(CallInput::MediaEnded { media: id });
        }));
    }
    ended
}
