//! Both sides alone, step by step, and what they say to each other.

use std::{collections::BTreeSet, rc::Rc};

use hearth_web_state::{
    chats::{Chat, Chats, Loading, Part, Preview, Standing},
    connection::Connection,
    conversation::{ConversationChange, Row},
    follow::{
        Answer, Asked, Board, CallElsewhere, ChatChange, Deed, FOLLOWED_CHATS_MAX, Follower, Heard, Leader, Order, Said,
        Tab, Wants, mark,
    },
    identity::{Confirmation, Identity, Peer},
    list::ListChange,
    message::{Action, Cipher, Content, Delivery, File, FileKind, Info, Media, Message, Quote, Reaction, Reader, Trust},
    safety::{Encryption, Safety},
    trouble::Trouble,
};

/// The follower in these tests, and the lead that it follows.
const ME: Tab = 7;
const LEAD: u64 = u64::MAX;
/// The lead before.
const OLD: u64 = 1;

fn wants(chats: &[&str]) -> Wants {
    Wants { chats: chats.iter().map(|chat| (*chat).to_owned()).collect(), is_attended: false }
}

fn follow(tab: Tab, lead: u64, chats: &[&str]) -> Said {
    Said::Follow { tab, lead, wants: wants(chats) }
}

fn asked(deed: Deed) -> Asked {
    Asked { chat: "!a".into(), deed }
}

fn send(text: &str) -> Asked {
    asked(Deed::Act(Action::Send { text: text.into() }))
}

fn react() -> Asked {
    asked(Deed::Act(Action::React { key: "1".into(), emoji: "👍".into() }))
}

fn ask(number: u64, lead: u64, is_again: bool, asked: Asked) -> Said {
    Said::Ask { tab: ME, lead, number, is_again, asked }
}

fn answer(tab: Tab, number: u64) -> Said {
    Said::Answer { tab, number, answer: Answer::Done(Ok(())) }
}

fn board(lead: u64) -> Said {
    Said::Board { lead, board: Box::default() }
}

fn chat(tab: Tab, lead: u64) -> Said {
    Said::Chat { tab, lead, chat: "!a".into(), change: ChatChange::People(Vec::new()) }
}

fn open(tab: Tab, chat: &str) -> Order {
    Order::Open(tab, chat.into())
}

fn close(tab: Tab, chat: &str) -> Order {
    Order::Close(tab, chat.into())
}

/// A follower of [`LEAD`].
fn led() -> Follower {
    let mut follower = Follower::new(ME);
    follower.hear(Said::Leads { lead: LEAD });
    follower
}

/// The leader that it follows.
fn leader() -> Leader {
    Leader::new(LEAD)
}

#[test]
fn a_ninth_follower_is_told_nothing_until_there_is_room() {
    let mut leader = leader();
    for tab in 0..8 {
        assert_eq!(leader.hear(follow(tab, LEAD, &["!a"]), 0), [Order::Board, open(tab, "!a")]);
    }
    assert_eq!(leader.hear(follow(8, LEAD, &["!a"]), 0), []);
    assert_eq!(leader.hear(follow(3, LEAD, &["!a"]), 0), [], "those that are there say it again");
    assert_eq!(leader.hear(Said::Gone { tab: 8 }, 0), []);
    assert_eq!(leader.hear(Said::Gone { tab: 3 }, 0), [close(3, "!a")]);
    assert_eq!(leader.hear(follow(8, LEAD, &["!a"]), 0), [Order::Board, open(8, "!a")]);
}

#[test]
fn a_fourth_chat_is_left_out_on_both_sides() {
    let four = ["!a", "!b", "!c", "!d"];
    let mut follower = led();
    assert_eq!(follower.want(wants(&four)), Some(follow(ME, LEAD, &four[..FOLLOWED_CHATS_MAX])));
    let opened = [Order::Board, open(ME, "!a"), open(ME, "!b"), open(ME, "!c")];
    assert_eq!(leader().hear(follow(ME, LEAD, &four), 0), opened);
}

#[test]
fn too_many_questions_are_refused() {
    let mut follower = led();
    for number in 0..500 {
        assert_eq!(follower.ask(send("a")), Ok((number, Some(ask(number, LEAD, false, send("a"))))));
    }
    assert_eq!(follower.ask(send("a")), Err(Trouble::Unknown));
    follower.hear(answer(ME, 3));
    assert_eq!(follower.ask(send("a")).map(|(number, _)| number), Ok(500));
}

#[test]
fn who_says_nothing_for_long_is_forgotten_and_comes_back() {
    let mut leader = leader();
    leader.hear(Said::Follow { tab: ME, lead: LEAD, wants: Wants { is_attended: true, ..wants(&["!a"]) } }, 0);
    leader.hear(follow(8, LEAD, &["!b"]), 0);
    leader.hear(follow(8, LEAD, &["!b"]), 1);
    assert_eq!(leader.look(150_000), []);
    assert!(leader.is_followed() && leader.is_attended_elsewhere());
    assert_eq!(leader.look(150_001), [close(ME, "!a")]);
    assert!(leader.is_followed() && !leader.is_attended_elsewhere());
    assert_eq!(leader.look(150_002), [close(8, "!b")]);
    assert!(!leader.is_followed());
    assert_eq!(leader.hear(follow(ME, LEAD, &["!a"]), 150_003), [Order::Board, open(ME, "!a")]);
}

#[test]
fn only_what_is_asked_of_this_lead_is_done() {
    let mut leader = leader();
    // One that was forgotten does not know, and would wait for ever.
    let order = Order::Do { tab: ME, number: 3, is_again: false, asked: send("a") };
    assert_eq!(leader.hear(ask(3, LEAD, false, send("a")), 0), [order]);
    assert!(!leader.is_followed());
    leader.hear(follow(ME, LEAD, &[]), 0);
    assert_eq!(leader.hear(ask(3, OLD, false, send("a")), 0), []);
}

#[test]
fn who_follows_another_is_told_who_leads_and_begins_anew() {
    let mut leader = leader();
    assert_eq!(leader.hear(follow(ME, OLD, &["!a"]), 0), [Order::Greet]);
    leader.hear(follow(ME, LEAD, &["!a"]), 0);
    assert_eq!(leader.hear(follow(ME, OLD, &["!a"]), 0), [close(ME, "!a"), Order::Greet]);
    assert!(!leader.is_followed());
    assert_eq!(leader.hear(follow(ME, LEAD, &["!a"]), 0), [Order::Board, open(ME, "!a")]);
}

#[test]
fn what_a_leader_hears_of_leaders_is_nothing_to_it() {
    let mut leader = leader();
    assert_eq!(leader.hear(Said::WhoLeads, 0), [Order::Greet]);
    for said in [Said::Leads { lead: OLD }, board(OLD), chat(ME, OLD), answer(ME, 0)] {
        assert_eq!(leader.hear(said, 0), []);
    }
}

#[test]
fn wants_are_told_apart() {
    let mut leader = leader();
    leader.hear(follow(ME, LEAD, &["!a", "!b"]), 0);
    assert_eq!(leader.hear(follow(ME, LEAD, &["!b", "!c"]), 0), [close(ME, "!a"), open(ME, "!c")]);
    assert_eq!(leader.hear(follow(8, LEAD, &["!c"]), 0), [Order::Board, open(8, "!c")]);

    let mut follower = Follower::new(ME);
    assert_eq!((follower.is_led(), follower.renew(), follower.want(wants(&["!a"]))), (false, None, None));
    let heard = follower.hear(Said::Leads { lead: LEAD });
    assert_eq!(heard, Heard::Led { to_say: vec![follow(ME, LEAD, &["!a"])], given_up: vec![] });
    assert_eq!((follower.is_led(), follower.want(wants(&["!a"]))), (true, None));
    assert_eq!(follower.want(wants(&["!b"])), Some(follow(ME, LEAD, &["!b"])));
    assert_eq!(follower.renew(), Some(follow(ME, LEAD, &["!b"])));
}

#[test]
fn what_is_for_others_or_late_is_nothing_to_a_follower() {
    let mut follower = led();
    let (number, _) = follower.ask(send("a")).unwrap();
    let nothing = [
        answer(8, number),
        answer(ME, number + 1),
        chat(8, LEAD),
        chat(ME, OLD),
        board(OLD),
        Said::Leads { lead: LEAD },
        Said::WhoLeads,
        follow(8, LEAD, &[]),
        Said::Gone { tab: 8 },
        ask(0, LEAD, false, send("a")),
    ];
    for said in nothing {
        assert_eq!(follower.hear(said.clone()), Heard::Nothing, "{said:?}");
    }
    assert_eq!(follower.hear(board(LEAD)), Heard::Board(Box::default()));
    assert_eq!(follower.hear(chat(ME, LEAD)), Heard::Chat("!a".into(), ChatChange::People(Vec::new())));
    assert_eq!(follower.hear(answer(ME, number)), Heard::Answer(number, Answer::Done(Ok(()))));
    assert_eq!(follower.hear(answer(ME, number)), Heard::Nothing, "once");

    follower.hear(Said::Leads { lead: 2 });
    for said in [board(LEAD), chat(ME, LEAD)] {
        assert_eq!(follower.hear(said.clone()), Heard::Nothing, "{said:?}");
    }
}

#[test]
fn each_leader_is_asked_and_a_reaction_only_once() {
    let mut follower = Follower::new(ME);
    for asked in [send("a"), react(), asked(Deed::PageBack)] {
        assert!(matches!(follower.ask(asked), Ok((_, None))), "there is nobody to say it to");
    }
    let questions = |lead, is_again| {
        let page_back = ask(2, lead, is_again, asked(Deed::PageBack));
        [follow(ME, lead, &[]), ask(0, lead, is_again, send("a")), ask(1, lead, is_again, react()), page_back]
    };
    let heard = follower.hear(Said::Leads { lead: OLD });
    assert_eq!(heard, Heard::Led { to_say: questions(OLD, false).to_vec(), given_up: vec![] });

    let given_up = vec![(1, Answer::Done(Err(Trouble::Unknown)))];
    assert_eq!(
        follower.clone().take_over(),
        (vec![(0, true, send("a")), (2, true, asked(Deed::PageBack))], given_up.clone())
    );
    let [again, first, _, last] = questions(LEAD, true);
    assert_eq!(follower.hear(Said::Leads { lead: LEAD }), Heard::Led { to_say: vec![again, first, last], given_up });
    assert_eq!(follower.hear(answer(ME, 1)), Heard::Nothing, "it was given up");
}

#[test]
fn what_nobody_has_heard_is_done_for_the_first_time() {
    let mut follower = Follower::new(ME);
    assert_eq!(follower.ask(react()), Ok((0, None)));
    assert_eq!(follower.take_over(), (vec![(0, false, react())], vec![]));
    assert_ne!(mark(1, 11), mark(11, 1));
}

fn file() -> File {
    let cipher = Cipher { key: [1; 32], iv: [2; 16], sha256: [255; 32] };
    let media = Media { uri: "mxc://h/a".into(), cipher: Some(cipher) };
    File {
        kind: FileKind::Picture,
        name: "cat.png".into(),
        caption: Some("\"asleep\"\n\u{202e}".into()),
        size: Some(u64::MAX),
        mime: Some("image/png".into()),
        dimensions: Some((40, 30)),
        duration_ms: None,
        blurhash: None,
        media: Some(media.clone()),
        thumbnail: Some(Media { cipher: None, ..media }),
    }
}

fn message() -> Message {
    Message {
        key: "1".into(),
        id: Some("$1".into()),
        sender: "@bob:example.org".into(),
        sender_name: "Bob".into(),
        own: false,
        at_ms: u64::MAX,
        trust: Trust::UnsignedDevice,
        content: Content::File(Box::new(file())),
        edited: true,
        formatted: Some("<b>a</b>".into()),
        reply: Some("$0".into()),
        thread: None,
        reactions: vec![Reaction { emoji: "👍".into(), others: vec!["Alice".into()], own: true }],
        delivery: Delivery::Sent,
        change: Delivery::Failed,
    }
}

fn full_board() -> Board {
    let one = Chat {
        id: "!a".into(),
        name: "Bob".into(),
        skeleton: "bob".into(),
        is_odd: false,
        peer: Some("@bob:example.org".into()),
        peer_part: Part::Joined,
        preview: Preview::Message { own: true, text: "Hi".into() },
        at_ms: Some(5),
        unread: 3,
        standing: Standing::Joined,
        safety: Safety { encryption: Encryption::On, people: 2 },
    };
    let ids = |id: &str| BTreeSet::from([id.to_owned()]);
    Board {
        chats: Chats { chats: vec![one], loading: Loading::Ready, blocked: ids("@eve:example.org"), muted: ids("!b") },
        connection: Connection::Online,
        confirmation: Confirmation::Confirmed,
        name: Some("Alice".into()),
        doubts: "{}".into(),
        call: CallElsewhere::Rings("Bob".into()),
    }
}

fn every_answer() -> Vec<Answer> {
    let quote = Quote { id: "$1".into(), sender_name: "Bob".into(), excerpt: "Hi".into() };
    let info = Info {
        own: true,
        sender_name: "Alice".into(),
        at_ms: 5,
        delivery: Delivery::Waiting,
        edited: false,
        encrypted: Some(true),
        trust: Trust::Fine,
        device: None,
        readers: vec![Reader { name: "Bob".into(), at_ms: Some(9) }],
    };
    vec![
        Answer::Done(Ok(())),
        Answer::Done(Err(Trouble::TooManyTries { retry_after_s: Some(3) })),
        Answer::Page(Ok(true)),
        Answer::Unread(4, Some("$1".into())),
        Answer::Quote(None),
        Answer::Quote(Some(quote)),
        Answer::Info(Some(Box::new(info))),
    ]
}

fn every_change() -> Vec<ChatChange> {
    let row = Row::Message { message: Rc::new(message()), readers: vec!["@bob:example.org".into()] };
    let note = Row::Note { key: "n".into(), text: "Bob joined".into(), readers: Vec::new() };
    let peer = Peer { user_id: "@bob:example.org".into(), identity: Identity::Verified, ..Peer::default() };
    let changes = vec![ListChange::Reset(vec![row.clone()]), ListChange::Set(0, row), ListChange::PushBack(note)];
    vec![
        ChatChange::Conversation(ConversationChange::Opened),
        ChatChange::Conversation(ConversationChange::Rows(changes)),
        ChatChange::Conversation(ConversationChange::Typing(vec!["Bob".into()])),
        ChatChange::People(vec![peer]),
    ]
}

#[test]
fn what_is_said_arrives_as_it_was_said() {
    let asked_for = [
        send("\u{0}\"a\"\n"),
        react(),
        asked(Deed::Act(Action::Reply { to: "$1".into(), text: "b".into() })),
        asked(Deed::PageBack),
        asked(Deed::Unread),
        asked(Deed::MarkRead),
        asked(Deed::MoveLine),
        asked(Deed::Type(true)),
        asked(Deed::Quote("$1".into())),
        asked(Deed::Info("1".into())),
    ];
    let mut all = vec![
        Said::WhoLeads,
        Said::Leads { lead: LEAD },
        follow(ME, LEAD, &["!a", "!b"]),
        Said::Gone { tab: Tab::MAX },
        board(LEAD),
        Said::Board { lead: LEAD, board: Box::new(full_board()) },
    ];
    all.extend(asked_for.into_iter().map(|asked| ask(u64::MAX, LEAD, true, asked)));
    all.extend(every_answer().into_iter().map(|answer| Said::Answer { tab: ME, number: 0, answer }));
    let told = |change| Said::Chat { tab: ME, lead: LEAD, chat: "!a".into(), change };
    all.extend(every_change().into_iter().map(told));
    for said in all {
        let json = serde_json::to_string(&said).unwrap();
        assert_eq!(serde_json::from_str::<Said>(&json).unwrap(), said, "{json}");
    }
}
