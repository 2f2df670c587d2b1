//! What is said about comparisons in chats, in the order in which it was said, though some of it can be read only later: keys
//! and messages come by different polls. The library takes each word as it is read, and passes over one for which it is not
//! ready yet. So what follows a late word is said to it again, after that one.
//!
//! Only what could not be read at first is late. A message is also reported as read when something else about it is known,
//! such as that its sender's device is confirmed; a word that is said twice for that begins a comparison again.

use std::collections::{BTreeSet, VecDeque};

/// How many messages are remembered, and how many reports about others. A comparison takes a dozen messages.
const MAX_HELD: usize = 256;

/// A word of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<W> {
    /// Which comparison it belongs to: the event id of the request.
    pub flow_id: String,
    /// The word itself.
    pub word: W,
}

/// All that is remembered of it. `W` is what is handed on.
#[derive(Clone, Debug)]
pub struct Hearing<W> {
    held: VecDeque<Held<W>>,
    /// What was reported as read and is not held: it may be noted only afterwards that it could not be.
    reported: VecDeque<String>,
}

#[derive(Clone, Debug)]
struct Held<W> {
    event_id: String,
    /// `None` as long as it cannot be read.
    said: Option<Said<W>>,
    was_late: bool,
}

impl<W> Held<W> {
    fn is_of(&self, flow_id: &str) -> bool {
        self.said.as_ref().is_some_and(|said| said.flow_id == flow_id)
    }
}

impl<W> Default for Hearing<W> {
    fn default() -> Self {
        Self { held: VecDeque::new(), reported: VecDeque::new() }
    }
}

impl<W: Clone> Hearing<W> {
    /// A message came that cannot be read. Returns whether it can by now: it was reported before it was noted.
    pub fn unread(&mut self, event_id: &str) -> bool {
        self.hold(event_id, None);
        self.reported.iter().any(|reported| reported == event_id)
    }

    /// A word came and was taken by the library. Returns it if it is to be said again: something before it was late, and it
    /// may have been passed over.
    pub fn heard(&mut self, event_id: &str, said: Said<W>) -> Option<W> {
        let again = self.held.iter().any(|held| held.was_late && held.is_of(&said.flow_id)).then(|| said.word.clone());
        self.hold(event_id, Some(said));
        again
    }

    /// Those of the messages that are reported as read which could not be read before.
    pub fn late<'a>(&mut self, reported: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        let mut late = BTreeSet::new();
        for event_id in reported {
            match self.held.iter().find(|held| held.event_id == event_id) {
                Some(held) if held.said.is_none() => drop(late.insert(event_id.to_owned())),
                Some(_) => {}
                None => remember(&mut self.reported, event_id.to_owned()),
            }
        }
        late
    }

    /// What late messages turned out to be; `None` for what has nothing to do with a comparison. Returns what is to be said to
    /// the library, in the order in which it was said.
    pub fn read(&mut self, found: impl IntoIterator<Item = (String, Option<Said<W>>)>) -> Vec<W> {
        let mut late = BTreeSet::new();
        for (event_id, said) in found {
            let Some(at) = self.held.iter().position(|held| held.event_id == event_id && held.said.is_none()) else {
                continue;
            };
            if said.is_some() {
                self.held[at] = Held { event_id: event_id.clone(), said, was_late: true };
                late.insert(event_id);
            } else {
                self.held.remove(at);
            }
        }
        let mut flows = BTreeSet::new();
        let mut words = Vec::new();
        for held in &self.held {
            let Some(said) = &held.said else { continue };
            if late.contains(&held.event_id) {
                flows.insert(&said.flow_id);
            }
            if flows.contains(&said.flow_id) {
                words.push(said.word.clone());
            }
        }
        words
    }

    fn hold(&mut self, event_id: &str, said: Option<Said<W>>) {
        if self.held.iter().all(|held| held.event_id != event_id) {
            remember(&mut self.held, Held { event_id: event_id.to_owned(), said, was_late: false });
        }
    }
}

fn remember<T>(memory: &mut VecDeque<T>, value: T) {
    if memory.len() >= MAX_HELD {
        memory.pop_front();
    }
    memory.push_back(value);
}

#[cfg(test)]
mod tests {
    //! A comparison is a row of words, of which the library takes only the one that it waits for.

    use super::{Hearing, MAX_HELD, Said};

    const WORDS: usize = 6;

    fn said(word: usize) -> Said<usize> {
        Said { flow_id: "$request".to_owned(), word }
    }

    fn id(word: usize) -> String {
        format!("${word}")
    }

    /// What the library has taken, and what it was told.
    #[derive(Default)]
    struct Library {
        waits_for: usize,
        told: Vec<usize>,
    }

    impl Library {
        fn tell(&mut self, words: impl IntoIterator<Item = usize>) {
            for word in words {
                self.told.push(word);
                if word == self.waits_for {
                    self.waits_for += 1;
                }
            }
        }
    }

    /// Plays a comparison. A word is readable as it comes, or after so many others; all is noted `lag` words later.
    fn play(readable_after: [Option<usize>; WORDS], lag: usize) -> Library {
        let (mut library, mut hearing) = (Library::default(), Hearing::default());
        let read = |hearing: &mut Hearing<usize>, word: usize| hearing.read([(id(word), Some(said(word)))]);
        for now in 0..2 * WORDS + lag {
            if now < WORDS && readable_after[now].is_none() {
                library.tell([now]);
            }
            for word in (0..WORDS).filter(|&word| readable_after[word].is_some_and(|after| word + after == now)) {
                if !hearing.late([id(word).as_str()]).is_empty() {
                    library.tell(read(&mut hearing, word));
                }
            }
            let Some(noted) = now.checked_sub(lag).filter(|noted| *noted < WORDS) else { continue };
            if readable_after[noted].is_none() {
                library.tell(hearing.heard(&id(noted), said(noted)));
            } else if hearing.unread(&id(noted)) {
                library.tell(read(&mut hearing, noted));
            }
        }
        library
    }

    #[test]
    fn every_word_is_taken_however_late_it_can_be_read() {
        let choices = [None, Some(0), Some(1), Some(2), Some(WORDS)];
        for number in 0..choices.len().pow(u32::try_from(WORDS).unwrap()) {
            let schedule = std::array::from_fn(|word| {
                choices[number / choices.len().pow(u32::try_from(word).unwrap()) % choices.len()]
            });
            for lag in 0..3 {
                assert_eq!(play(schedule, lag).waits_for, WORDS, "{schedule:?}, noted {lag} words later");
            }
        }
    }

    #[test]
    fn what_could_be_read_is_never_said_twice() {
        for lag in 0..3 {
            assert_eq!(play([None; WORDS], lag).told, Vec::from_iter(0..WORDS));
        }
        let mut hearing = Hearing::default();
        for word in 0..WORDS {
            assert_eq!(hearing.heard(&id(word), said(word)), None);
        }
        let all = Vec::from_iter((0..WORDS).map(id));
        assert!(hearing.late(all.iter().map(String::as_str)).is_empty(), "its sender was confirmed");
        assert_eq!(hearing.read(all.into_iter().map(|id| (id, Some(said(0))))), [0; 0]);
    }

    #[test]
    fn words_of_another_comparison_and_other_messages_wait_for_nothing() {
        let mut hearing = Hearing::default();
        let other = |word| Said { flow_id: "$other".to_owned(), word };
        assert!(!hearing.unread("$1") && !hearing.unread("$chat"));
        assert_eq!(hearing.heard("$2", other(2)), None);
        assert_eq!(hearing.heard("$3", said(3)), None);
        assert_eq!(hearing.late(["$1", "$chat", "$3"]).len(), 2);
        assert_eq!(hearing.read([("$chat".to_owned(), None), ("$1".to_owned(), Some(said(1)))]), [1, 3]);
        assert_eq!(hearing.heard("$4", other(4)), None);
        assert_eq!(hearing.heard("$5", said(5)), Some(5));
    }

    #[test]
    fn it_forgets_the_oldest() {
        let mut hearing = Hearing::<usize>::default();
        for word in 0..2 * MAX_HELD {
            assert!(!hearing.unread(&id(word)));
            assert!(hearing.late([format!("$never {word}").as_str()]).is_empty());
        }
        assert_eq!((hearing.held.len(), hearing.reported.len()), (MAX_HELD, MAX_HELD));
        assert!(hearing.late([id(0).as_str()]).is_empty());
        assert_eq!(hearing.late([id(2 * MAX_HELD - 1).as_str()]).len(), 1);
    }
}
