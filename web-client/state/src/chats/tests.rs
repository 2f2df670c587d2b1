//! What the sidebar shows of chats that come, change and go.

use super::{Chat, Chats, ChatsChange as C, Hindrance, Loading, Part, Preview, Standing, fold};
use crate::{list::ListChange as L, safety::Safety, trouble::Trouble};

fn chat(id: &str, unread: u64) -> Chat {
    Chat {
        id: id.to_owned(),
        name: format!("Person {id}"),
        skeleton: format!("person {id}"),
        is_odd: false,
        peer: Some(format!("@{id}:example.org")),
        peer_part: Part::Joined,
        preview: Preview::Empty,
        at_ms: None,
        unread,
        standing: Standing::Joined,
        safety: Safety::default(),
    }
}

fn state(changes: Vec<C>) -> Chats {
    let mut state = Chats::default();
    for change in changes {
        fold(&mut state, change);
    }
    state
}

#[test]
fn a_new_message_moves_its_chat_up() {
    let state = state(vec![
        C::List(vec![L::Reset(vec![chat("a", 0), chat("b", 0)])]),
        C::Loaded,
        C::List(vec![L::Remove(1), L::PushFront(chat("b", 1))]),
    ]);
    assert_eq!(state.chats.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(state.unread(), 1);
    assert_eq!(state.loading, Loading::Ready);
}

#[test]
fn an_error_never_hides_kept_chats() {
    let empty = state(vec![C::Failed(Trouble::Unreachable)]);
    assert_eq!(empty.loading, Loading::Failed(Trouble::Unreachable));
    let kept = state(vec![C::List(vec![L::PushBack(chat("a", 0))]), C::Failed(Trouble::Unreachable)]);
    assert_eq!(kept.loading, Loading::Loading);
}

#[test]
fn search_and_neighbours() {
    let state = state(vec![C::List(vec![L::Reset(vec![chat("anna", 0), chat("bert", 0)])])]);
    assert_eq!(state.matching("BERT").count(), 1);
    assert_eq!(state.matching("person").count(), 2);
    assert_eq!(state.neighbour(Some("anna"), 1).map(|c| c.id.as_str()), Some("bert"));
    assert_eq!(state.neighbour(Some("anna"), -1), None);
    assert_eq!(state.neighbour(None, 1).map(|c| c.id.as_str()), Some("anna"));
}

fn ids<'a>(chats: impl Iterator<Item = &'a Chat>) -> Vec<&'a str> {
    chats.map(|chat| chat.id.as_str()).collect()
}

fn request(id: &str, peer: &str) -> Chat {
    Chat { standing: Standing::Invited, peer: Some(peer.into()), preview: Preview::Invitation, unread: 1, ..chat(id, 0) }
}

fn with(id: &str, peer: &str, peer_part: Part) -> Chat {
    Chat { peer: Some(peer.into()), peer_part, ..chat(id, 0) }
}

#[test]
fn who_asks_is_listed_apart_and_counts_for_nothing() {
    let mut state = state(vec![C::List(vec![L::Reset(vec![
        request("1", "@eve:x"),
        chat("a", 2),
        request("2", "@mallory:x"),
        request("3", "@eve:x"),
    ])])]);
    assert_eq!(ids(state.talks()), ["a"]);
    assert_eq!(ids(state.requests()), ["1", "2"]);
    assert_eq!(state.unread(), 2);
    assert_eq!(state.signs(Some("1")).title, "(2) Hearth");
    assert_eq!(ids(state.matching("person")), ["a"]);
    assert_eq!(state.neighbour(Some("a"), 1), None);
    fold(&mut state, C::Blocked(vec!["@eve:x".into(), "@a:example.org".into()]));
    assert_eq!(ids(state.requests()), ["2"]);
    assert_eq!(ids(state.talks()), ["a"]);
    assert_eq!(state.unread(), 0);
    assert_eq!(state.hindrance(&state.chats[1]), Some(Hindrance::Blocked));
    fold(&mut state, C::Blocked(vec![]));
    assert_eq!(ids(state.requests()), ["1", "2"]);
}

#[test]
fn of_two_chats_with_one_person_both_sides_use_the_same() {
    let said = Chat { preview: Preview::Message { own: true, text: "hi".into() }, ..with("!b", "@bob:x", Part::Joined) };
    for order in [["!a", "!b"], ["!b", "!a"]] {
        let mut both: Vec<Chat> = order.iter().map(|id| with(id, "@bob:x", Part::Joined)).collect();
        let of_empty = state(vec![C::List(vec![L::Reset(both.clone())])]);
        assert_eq!(ids(of_empty.talks()), ["!a"]);
        assert_eq!(of_empty.in_place_of("!b").as_deref(), Some("!a"));
        assert_eq!(of_empty.in_place_of("!a"), None);
        // What was said stays to be read.
        if let Some(slot) = both.iter_mut().find(|chat| chat.id == "!b") {
            *slot = said.clone();
        }
        let of_said = state(vec![C::List(vec![L::Reset(both)])]);
        assert_eq!(of_said.talks().count(), 2);
        assert_eq!(of_said.in_place_of("!b"), None);
        assert_eq!(of_said.get("!b").and_then(|b| of_said.hindrance(b)), Some(Hindrance::Elsewhere("!a".into())));
    }
}

#[test]
fn a_chat_whose_person_is_there_comes_before_one_that_they_left() {
    let mut state = state(vec![C::List(vec![L::Reset(vec![with("!a", "@bob:x", Part::Gone)])])]);
    assert_eq!(state.hindrance(&state.chats[0]), Some(Hindrance::Gone));
    fold(&mut state, C::List(vec![L::PushBack(with("!b", "@bob:x", Part::Invited))]));
    assert_eq!(ids(state.talks()), ["!b"]);
    assert_eq!(state.hindrance(&state.chats[1]), None);
    fold(&mut state, C::List(vec![L::PushBack(with("!c", "@bob:x", Part::Joined))]));
    assert_eq!(ids(state.talks()), ["!c"]);
}

#[test]
fn parts() {
    for (joined, invited, part) in
        [(0, 0, Part::Invited), (1, 1, Part::Invited), (1, 0, Part::Gone), (2, 0, Part::Joined), (2, 1, Part::Joined)]
    {
        assert_eq!(Part::of_counts(joined, invited), part);
    }
}

#[test]
fn names_like_those_of_others_are_doubtful() {
    let named = |id: &str, skeleton: &str| Chat { skeleton: skeleton.into(), ..chat(id, 0) };
    let odd = Chat { is_odd: true, ..named("o", "odd") };
    let room = Chat { peer: None, ..named("r", "bob") };
    let again = Chat { peer: Some("@b1:example.org".into()), ..named("b3", "bob") };
    let list = vec![named("a", "allce"), named("b1", "bob"), named("b2", "bob"), odd, named("m", "me"), room, again];
    let of = state(vec![C::List(vec![L::Reset(list)])]);
    let mut found: Vec<&str> = of.doubtful("me").into_iter().collect();
    found.sort_unstable();
    assert_eq!(found, ["b1", "b2", "b3", "m", "o"]);
    // Two chats with one person are no two people.
    let same = Chat { peer: Some("@b1:example.org".into()), ..named("b3", "bob") };
    let of = state(vec![C::List(vec![L::Reset(vec![named("b1", "bob"), same])])]);
    assert!(of.doubtful("me").is_empty());
}

#[test]
fn titles() {
    let state = state(vec![C::List(vec![L::Reset(vec![chat("a", 2), chat("b", 0)])])]);
    assert_eq!(state.signs(Some("b")).title, "(2) Person b · Hearth");
    assert_eq!(Chats::default().signs(Some("b")).title, "Hearth");
}

#[test]
fn previews_are_one_bounded_line() {
    let long = Preview::Message { own: true, text: "a\nb ".repeat(100) };
    assert!(long.line().starts_with("You: a b a b"));
    assert!(long.line().chars().count() < 130);
}
