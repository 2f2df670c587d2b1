//! What is told of, and what is not.

use super::{Note, Now, Telling, Told, Wishes, call_note};
use crate::{
    chats::{Chat, Chats, ChatsChange, Part, Preview, Standing, fold},
    list::ListChange,
    safety::Safety,
};

/// A chat in which the other person said `text` at `at_ms`.
fn said(id: &str, text: &str, at_ms: u64, unread: u64) -> Chat {
    Chat {
        id: id.to_owned(),
        name: format!("Person {id}"),
        skeleton: id.to_owned(),
        is_odd: false,
        peer: Some(format!("@{id}:example.org")),
        peer_part: Part::Joined,
        preview: Preview::Message { own: false, text: text.to_owned() },
        at_ms: Some(at_ms),
        unread,
        standing: Standing::Joined,
        safety: Safety::default(),
    }
}

fn request(id: &str) -> Chat {
    Chat { standing: Standing::Invited, name: "Buy my pills".to_owned(), preview: Preview::Invitation, ..said(id, "", 0, 0) }
}

const ON: Wishes = Wishes { is_on: true, shows_text: true, has_sound: true, is_undisturbed: false };
/// The time of a step in which nothing is recent.
const LATE_MS: u64 = 10_000_000;

/// Somebody with the chats as they are at first, who then looks away.
struct Person {
    told: Told,
    chats: Chats,
    wishes: Wishes,
}

impl Person {
    fn with(chats: Vec<Chat>) -> Self {
        let mut person = Self { told: Told::default(), chats: Chats::default(), wishes: ON };
        fold(&mut person.chats, ChatsChange::Loaded);
        assert_eq!(person.sees(chats), []);
        person
    }

    fn sees(&mut self, chats: Vec<Chat>) -> Vec<Telling> {
        fold(&mut self.chats, ChatsChange::List(vec![ListChange::Reset(chats)]));
        self.step(false, None)
    }

    fn step(&mut self, is_attended: bool, open: Option<&str>) -> Vec<Telling> {
        self.told.step(&self.chats, Now { is_attended, open, wishes: self.wishes, at_ms: LATE_MS })
    }

    /// Titles and texts of what is shown, tags of what is taken away.
    fn reads(&mut self, chats: Vec<Chat>) -> Vec<String> {
        self.sees(chats).iter().map(words).collect()
    }
}

fn words(telling: &Telling) -> String {
    match telling {
        Telling::Show(Note { title, body, .. }) => format!("{title}: {body}"),
        Telling::Remove(tag) => format!("-{tag}"),
    }
}

#[test]
fn a_message_is_told_once_and_taken_away_when_it_was_read() {
    let mut person = Person::with(vec![said("a", "old", 1, 5)]);
    assert_eq!(person.reads(vec![said("a", "Hello", 2, 6)]), ["Person a: Hello"]);
    assert_eq!(person.reads(vec![said("a", "Hello", 2, 6)]), [""; 0]);
    assert_eq!(person.reads(vec![said("a", "And again", 3, 7)]), ["Person a: And again"]);
    // Read on another device.
    assert_eq!(person.reads(vec![said("a", "And again", 3, 0)]), ["-a"]);
    assert_eq!(person.reads(vec![said("a", "News", 4, 1)]), ["Person a: News"]);
    // Opened here.
    assert_eq!(person.step(true, Some("a")), [Telling::Remove("a".to_owned())]);
}

#[test]
fn the_count_may_come_before_the_text_or_after_it() {
    let mut person = Person::with(vec![said("a", "old", 1, 0)]);
    assert_eq!(person.reads(vec![said("a", "old", 1, 1)]), [""; 0]);
    assert_eq!(person.reads(vec![said("a", "Hello", 2, 1)]), ["Person a: Hello"]);
    let mut person = Person::with(vec![said("a", "old", 1, 0)]);
    assert_eq!(person.reads(vec![said("a", "Hello", 2, 0)]), [""; 0]);
    assert_eq!(person.reads(vec![said("a", "Hello", 2, 1)]), ["Person a: Hello"]);
}

#[test]
fn what_is_no_news_is_not_told() {
    let mut own = said("a", "mine", 2, 1);
    own.preview = Preview::Message { own: true, text: "mine".to_owned() };
    let mut coming = said("a", "", LATE_MS, 1);
    coming.preview = Preview::Undecryptable;
    for (what, chat) in [
        ("one's own message", own),
        ("a change to what was said before, or a reaction to it", said("a", "changed", 1, 0)),
        ("what was read already", said("a", "read elsewhere", 2, 0)),
        ("a message whose key may come yet", coming),
        ("one's own message on its way", Chat { preview: Preview::Sending("x".to_owned()), ..said("a", "", 2, 1) }),
        ("what was deleted", Chat { preview: Preview::Deleted, ..said("a", "", 2, 1) }),
    ] {
        assert_eq!(Person::with(vec![said("a", "old", 1, 0)]).reads(vec![chat]), [""; 0], "{what}");
    }
}

#[test]
fn who_looks_or_does_not_wish_it_is_not_told_and_not_later_either() {
    let news = || vec![said("a", "Hello", 2, 1)];
    let mut person = Person::with(vec![said("a", "old", 1, 0)]);
    fold(&mut person.chats, ChatsChange::List(vec![ListChange::Reset(news())]));
    assert_eq!(person.step(true, None), []);
    assert_eq!(person.step(false, None), []);
    for wishes in [Wishes { is_on: false, ..ON }, Wishes { is_undisturbed: true, ..ON }] {
        let mut person = Person { wishes, ..Person::with(vec![said("a", "old", 1, 0)]) };
        assert_eq!(person.sees(news()), []);
        person.wishes = ON;
        assert_eq!(person.sees(news()), []);
    }
    for change in [ChatsChange::Muted(vec!["a".to_owned()]), ChatsChange::Blocked(vec!["@a:example.org".to_owned()])] {
        let mut person = Person::with(vec![said("a", "old", 1, 0)]);
        fold(&mut person.chats, change);
        assert_eq!(person.sees(news()), []);
    }
}

#[test]
fn what_was_written_is_shown_only_if_it_is_wished_and_can_be_read() {
    let mut person = Person { wishes: Wishes { shows_text: false, ..ON }, ..Person::with(vec![said("a", "old", 1, 0)]) };
    assert_eq!(person.reads(vec![said("a", "Hello", 2, 1)]), ["Hearth: New message"]);
    let mut person = Person::with(vec![said("a", "old", 1, 0)]);
    let locked = Chat { preview: Preview::Undecryptable, ..said("a", "", 2, 1) };
    assert_eq!(person.reads(vec![locked]), ["Person a: New message"]);
    let mut person = Person { wishes: Wishes { has_sound: false, ..ON }, ..Person::with(vec![said("a", "old", 1, 0)]) };
    let [title, body] = ["Person a", "Hello"].map(ToOwned::to_owned);
    let note = Note { tag: "a".to_owned(), title, body, chat: "a".to_owned(), is_silent: true };
    assert_eq!(person.sees(vec![said("a", "Hello", 2, 1)]), [Telling::Show(note)]);
}

#[test]
fn many_at_once_are_one_note() {
    let mut person = Person::with(vec![said("a", "old", 1, 2)]);
    assert_eq!(person.reads(vec![said("a", "third", 4, 5)]), ["Person a: 3 new messages"]);
    let ids = ["a", "b", "c", "d"];
    let mut person = Person::with(ids.iter().map(|id| said(id, "old", 1, 0)).collect());
    let all = ids.iter().map(|id| said(id, "new", 2, 2)).collect();
    assert_eq!(person.reads(all), ["Hearth: 8 new messages in 4 chats"]);
    assert_eq!(person.reads(ids.iter().map(|id| said(id, "new", 2, 0)).collect()), ["-many"]);
}

#[test]
fn a_stranger_shows_nothing_of_themselves_and_one_note_is_enough() {
    let mut person = Person::with(vec![request("old")]);
    assert_eq!(person.reads(vec![request("old"), request("a"), request("b")]), ["Hearth: Somebody wants to talk with you."]);
    assert_eq!(person.reads(vec![request("old"), request("a"), request("b")]), [""; 0]);
    assert_eq!(person.reads(vec![]), ["-requests"]);
}

#[test]
fn a_chat_that_is_new_is_news_only_when_something_has_just_happened_in_it() {
    let mut person = Person::with(vec![]);
    assert_eq!(person.reads(vec![said("a", "long ago", 1, 3)]), [""; 0]);
    assert_eq!(person.reads(vec![said("b", "just now", LATE_MS - 1_000, 1)]), ["Person b: just now"]);
}

#[test]
fn a_call_is_told_by_name_unless_that_is_not_wished() {
    let body = |wishes| call_note("Bob is calling", "!a", wishes).map(|note| note.body);
    assert_eq!(body(ON).as_deref(), Some("Bob is calling"));
    assert_eq!(body(Wishes { shows_text: false, ..ON }).as_deref(), Some("Incoming call"));
    assert_eq!(body(Wishes { is_undisturbed: true, ..ON }), None);
    assert_eq!(body(Wishes { is_on: false, ..ON }), None);
}
