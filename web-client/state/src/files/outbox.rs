//! Files of one chat that are about to be sent, and those on their way, one after the other so that they arrive in order.
//!
//! Generic in what a file is, because the browser's files are none of this crate's business.

use super::{size::in_words, stage::Stage};
use crate::{
    message::{FileKind, kind_of},
    text::isolated,
};

/// The most files at once.
pub const MAX_FILES: usize = 30;

/// A file that somebody picked, pasted or dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<S> {
    /// The file itself.
    pub source: S,
    /// Its name.
    pub name: String,
    /// Its type, or nothing.
    pub mime: String,
    /// Its size in bytes.
    pub size: u64,
}

/// A file that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked<S> {
    /// Tells it from the others of this chat.
    pub id: u64,
    /// The file.
    pub file: Found<S>,
    /// What it counts as.
    pub kind: FileKind,
    /// Whether a picture is sent as it is, with all that it tells about itself.
    pub original: bool,
}

/// A file on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Going<S> {
    /// The file.
    pub picked: Picked<S>,
    /// What is written with it.
    pub caption: Option<String>,
    /// The event id of the message that it answers.
    pub reply: Option<String>,
    /// How far it has come.
    pub stage: Stage,
}

/// The files of one chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbox<S> {
    /// What is about to be sent.
    pub tray: Vec<Picked<S>>,
    /// What is on its way, first come first.
    pub going: Vec<Going<S>>,
    next_id: u64,
}

impl<S> Default for Outbox<S> {
    fn default() -> Self {
        Self { tray: Vec::new(), going: Vec::new(), next_id: 0 }
    }
}

impl<S: Clone> Outbox<S> {
    /// Takes files in, as far as there is room and the server takes them; the rest in words.
    pub fn add(&mut self, found: Vec<Found<S>>, max_bytes: Option<u64>) -> Option<String> {
        let mut too_large = Vec::new();
        let mut left_out = 0;
        for file in found {
            let kind = kind_of(&file.mime);
            // A picture is made smaller; whether that is enough shows then.
            let is_too_large = kind != FileKind::Picture && max_bytes.is_some_and(|max| file.size > max);
            if is_too_large {
                too_large.push(file.name);
            } else if self.tray.len() >= MAX_FILES {
                left_out += 1;
            } else {
                self.tray.push(Picked { id: self.next_id, file, kind, original: false });
                self.next_id += 1;
            }
        }
        let large = large_words(&too_large, max_bytes.unwrap_or_default());
        let many = (left_out > 0).then(|| format!("At most {MAX_FILES} files go at once; {left_out} were left out."));
        let words: Vec<String> = large.into_iter().chain(many).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// Takes a file back before it is sent.
    pub fn remove(&mut self, id: u64) {
        self.tray.retain(|picked| picked.id != id);
    }

    /// Says whether a picture is sent as it is.
    pub fn set_original(&mut self, id: u64, original: bool) {
        if let Some(picked) = self.tray.iter_mut().find(|picked| picked.id == id) {
            picked.original = original;
        }
    }

    /// Sends what is picked, with what is written beside the first file, which also is the one that answers.
    pub fn send(&mut self, caption: Option<String>, reply: Option<String>) {
        let (mut caption, mut reply) = (caption, reply);
        for picked in self.tray.drain(..) {
            let (caption, reply) = (caption.take(), reply.take());
            self.going.push(Going { picked, caption, reply, stage: Stage::Waiting });
        }
    }

    /// The next file to work on, which is being prepared from now on; `None` while another one is worked on.
    pub fn begin_next(&mut self) -> Option<Going<S>> {
        let is_busy = self.going.iter().any(|going| !matches!(going.stage, Stage::Waiting | Stage::Failed(_)));
        let next = self.going.iter_mut().find(|going| going.stage == Stage::Waiting).filter(|_| !is_busy)?;
        next.stage = Stage::Preparing;
        Some(next.clone())
    }

    /// Whether a file is still wanted: nobody has cancelled it.
    pub fn is_wanted(&self, id: u64) -> bool {
        self.going.iter().any(|going| going.picked.id == id)
    }

    /// Whether it would be news that a file has come this far.
    pub fn is_news(&self, id: u64, stage: Stage) -> bool {
        self.going.iter().any(|going| going.picked.id == id && going.stage != stage)
    }

    /// Says how far a file has come.
    pub fn advance(&mut self, id: u64, stage: Stage) {
        if let Some(going) = self.going.iter_mut().find(|going| going.picked.id == id) {
            going.stage = stage;
        }
    }

    /// It is in the log, or is not wanted any more.
    pub fn finish(&mut self, id: u64) {
        self.going.retain(|going| going.picked.id != id);
    }

    /// Tries one again; a picture that the browser cannot read goes as it is then.
    pub fn try_again(&mut self, id: u64) {
        if let Some(going) = self.going.iter_mut().find(|going| going.picked.id == id) {
            going.picked.original |= going.stage.is_unknown_picture();
            going.stage = Stage::Waiting;
        }
    }

    /// Names of all that would be lost with the page.
    pub fn names(&self) -> Vec<&str> {
        let going = self.going.iter().map(|going| &going.picked);
        going.chain(&self.tray).map(|picked| picked.file.name.as_str()).collect()
    }
}

fn large_words(names: &[String], max: u64) -> Option<String> {
    let limit = in_words(max);
    match names {
        [] => None,
        [name] => Some(format!("{} is too large: this server takes files of up to {limit}.", isolated(name))),
        names => Some(format!("{} files are too large: this server takes files of up to {limit}.", names.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, MAX_FILES, Outbox, Stage};
    use crate::{files::Failure, message::FileKind, trouble::Trouble};

    fn found(name: &str, mime: &str, size: u64) -> Found<()> {
        Found { source: (), name: name.to_owned(), mime: mime.to_owned(), size }
    }

    fn sending(names: &[&str]) -> Outbox<()> {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.add(names.iter().map(|name| found(name, "image/png", 1)).collect(), None), None);
        outbox.send(Some("Look".into()), Some("$a".into()));
        outbox
    }

    #[test]
    fn what_is_too_large_is_said_before_it_is_sent() {
        let mut outbox = Outbox::default();
        let words =
            outbox.add(vec![found("a.iso", "", 101), found("b.txt", "", 100), found("c.jpg", "image/jpeg", 900)], Some(100));
        assert_eq!(
            words.as_deref(),
            Some("\u{2068}a.iso\u{2069} is too large: this server takes files of up to 100 bytes.")
        );
        assert_eq!(outbox.names(), ["b.txt", "c.jpg"]);
        assert_eq!((outbox.tray[0].kind, outbox.tray[1].kind), (FileKind::Other, FileKind::Picture));
        let words = outbox.add(vec![found("x", "", 101), found("y", "", 102)], Some(100)).unwrap_or_default();
        assert!(words.starts_with("2 files are too large"), "{words}");
    }

    #[test]
    fn at_most_thirty_go_at_once() {
        let mut outbox = Outbox::default();
        let words = outbox.add((0..33).map(|at| found(&at.to_string(), "", 1)).collect(), None);
        assert_eq!(words.as_deref(), Some("At most 30 files go at once; 3 were left out."));
        assert_eq!(outbox.tray.len(), MAX_FILES);
        outbox.send(None, None);
        assert_eq!(outbox.add(vec![found("next", "", 1)], None), None);
        assert_eq!(outbox.tray[0].id, 30);
    }

    #[test]
    fn files_go_one_after_the_other_in_their_order() {
        let mut outbox = sending(&["a", "b"]);
        let first = outbox.begin_next().unwrap();
        assert_eq!(
            (first.picked.file.name.as_str(), first.caption.as_deref(), first.reply.as_deref()),
            ("a", Some("Look"), Some("$a"))
        );
        assert_eq!(outbox.begin_next(), None);
        assert!(outbox.is_news(first.picked.id, Stage::Uploading(40)));
        outbox.advance(first.picked.id, Stage::Uploading(40));
        assert!(!outbox.is_news(first.picked.id, Stage::Uploading(40)));
        assert_eq!(outbox.begin_next(), None);
        outbox.finish(first.picked.id);
        let second = outbox.begin_next().unwrap();
        assert_eq!((second.picked.file.name.as_str(), second.caption, second.reply), ("b", None, None));
    }

    #[test]
    fn what_failed_waits_for_its_person_and_holds_nobody_up() {
        let mut outbox = sending(&["a", "b"]);
        let first = outbox.begin_next().unwrap().picked.id;
        outbox.advance(first, Stage::Failed(Failure::Other(Trouble::Unreachable)));
        let second = outbox.begin_next().unwrap().picked.id;
        outbox.try_again(first);
        assert_eq!(outbox.begin_next(), None);
        outbox.finish(second);
        let again = outbox.begin_next().unwrap();
        assert_eq!((again.picked.id, again.picked.original), (first, false));
        outbox.advance(first, Stage::Failed(Failure::UnknownPicture));
        outbox.try_again(first);
        assert!(outbox.begin_next().unwrap().picked.original);
    }

    #[test]
    fn a_cancelled_file_is_not_wanted() {
        let mut outbox = sending(&["a", "b"]);
        let first = outbox.begin_next().unwrap().picked.id;
        assert!(outbox.is_wanted(first));
        outbox.finish(first);
        assert!(!outbox.is_wanted(first) && !outbox.is_news(first, Stage::Uploading(1)));
        assert_eq!(outbox.begin_next().unwrap().picked.file.name, "b");
    }

    #[test]
    fn what_is_picked_can_be_taken_back_or_sent_as_it_is() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.add(vec![found("a", "image/png", 1), found("b", "image/png", 1)], None), None);
        outbox.set_original(1, true);
        outbox.remove(0);
        assert_eq!(outbox.tray.iter().map(|picked| picked.original).collect::<Vec<_>>(), [true]);
    }
}
