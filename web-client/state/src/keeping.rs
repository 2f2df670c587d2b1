//! Which of what the server has told is not in the browser's databases yet.
//!
//! The library notes how far it has heard before it has written down what it heard, and a page can end in between.

use std::collections::BTreeMap;

/// What was told and is not written down yet, by room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unkept {
    /// Of each room the last event: they are written in the order in which they were told.
    last: BTreeMap<String, String>,
    is_unsure: bool,
}

impl Unkept {
    /// The server has told of this event of a room, after all others of it.
    pub fn told(&mut self, room: &str, event: &str) {
        self.last.insert(room.to_owned(), event.to_owned());
    }

    /// The event is written down, and with it what was told of its room before.
    pub fn kept(&mut self, room: &str, event: &str) {
        if self.last.get(room).is_some_and(|last| last == event) {
            self.last.remove(room);
        }
    }

    /// Something was told that nobody heard of here, so nothing is known of it for as long as the page lives.
    pub fn missed(&mut self) {
        self.is_unsure = true;
    }

    /// Whether all of it is written down.
    pub fn is_empty(&self) -> bool {
        self.last.is_empty() && !self.is_unsure
    }

    /// The last event that was told of each room with something unwritten, `(room, event)`, in the order of their ids, in which the
    /// library writes what was told at once.
    pub fn pending(&self) -> Vec<(String, String)> {
        self.last.iter().map(|(room, event)| (room.clone(), event.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Unkept;

    #[test]
    fn a_room_is_kept_with_its_last_event_and_not_before() {
        let mut unkept = Unkept::default();
        unkept.told("!a", "$1");
        unkept.told("!b", "$1");
        unkept.told("!a", "$2");
        unkept.kept("!a", "$1");
        assert_eq!(unkept.pending(), [("!a".into(), "$2".into()), ("!b".into(), "$1".into())]);
        unkept.kept("!a", "$2");
        unkept.kept("!c", "$9");
        assert!(!unkept.is_empty());
        unkept.kept("!b", "$1");
        assert!(unkept.is_empty());
    }

    #[test]
    fn what_nobody_heard_of_is_never_taken_for_kept() {
        let mut unkept = Unkept::default();
        unkept.told("!a", "$1");
        unkept.missed();
        unkept.kept("!a", "$1");
        assert!(unkept.pending().is_empty());
        assert!(!unkept.is_empty());
    }
}
