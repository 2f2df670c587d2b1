//! What is unread in which thread against a naive model: over random threads, receipts and deletions, with and without push rules of
//! one's own.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Fact,
    room::{PduAdded, PduPruned},
    user::{
        data::AccountDataSet,
        receipts::{ReceiptKind, ReceiptSet},
    },
};
use proptest::{collection::vec, prelude::*, sample::select};
use ruma::{EventId, OwnedEventId};
use serde_json::{json, value::to_raw_value};
use views::receipts::{Unread, UnreadByThread, unread_by_thread};

use crate::{
    facts::{member, pdu, room, user},
    folded::Folded,
};

const CALLER: &str = "bob";
/// Hops to what an event relates to, and on.
const HOPS: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Place {
    Main,
    /// In the thread of one of the messages so far.
    Thread(usize),
    /// About one of the messages so far, wherever that is.
    About(usize),
}

/// Something that happens in the room.
#[derive(Clone, Debug)]
enum Step {
    Say { who: &'static str, place: Place, mentions: bool },
    Read { kind: ReceiptKind, place: Option<Place>, through: usize },
    Delete(usize),
}

/// A message as the model knows it.
#[derive(Clone, Debug)]
struct Said {
    position: u64,
    who: &'static str,
    place: Place,
    mentions: bool,
    is_deleted: bool,
}

#[derive(Default)]
struct Model {
    said: Vec<Said>,
    receipts: BTreeMap<(ReceiptKind, Option<String>), u64>,
}

fn id(position: u64) -> OwnedEventId {
    EventId::parse(format!("$e{position}")).unwrap()
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = || prop_oneof![2 => Just(Place::Main), 2 => (0..9_usize).prop_map(Place::Thread), 1 => (0..9_usize).prop_map(Place::About)];
    let people = select(vec!["alice", "alice", "carol", CALLER]);
    let kind = select(vec![ReceiptKind::Public, ReceiptKind::Private]);
    let step = prop_oneof![
        6 => (people, place(), any::<bool>()).prop_map(|(who, place, mentions)| Step::Say { who, place, mentions }),
        3 => (kind, prop::option::of(place()), any::<usize>())
            .prop_map(|(kind, place, through)| Step::Read { kind, place, through }),
        1 => any::<usize>().prop_map(Step::Delete),
    ];
    vec(step, 1..40)
}

impl Model {
    fn nth(&self, number: usize) -> Option<&Said> {
        self.said.get(number % self.said.len().max(1))
    }

    /// The root of the thread in which a message is.
    fn thread(&self, said: &Said) -> Option<OwnedEventId> {
        let mut said = said;
        for _ in 0..=HOPS {
            if said.is_deleted {
                return None;
            }
            match said.place {
                Place::Main => return None,
                Place::Thread(root) => return Some(id(self.said[root].position)),
                Place::About(other) => said = &self.said[other],
            }
        }
        None
    }

    fn read(&self, thread: Option<&str>) -> u64 {
        let found = self.receipts.iter().filter(|((_, of), _)| of.as_deref() == thread);
        found.map(|(_, through)| *through).max().unwrap_or_default()
    }

    fn unread(&self, joined_at: u64) -> UnreadByThread {
        let is_own = |said: &&Said| said.who == CALLER;
        let is_in_thread = |said: &Said| matches!(said.place, Place::Thread(_)) && !said.is_deleted;
        let own = self.said.iter().filter(is_own).filter(|said| !is_in_thread(said)).map(|said| said.position);
        let all = own.chain([joined_at, self.read(None)]).max().unwrap_or_default();
        let mut unread = UnreadByThread::default();
        for said in self.said.iter().filter(|said| !said.is_deleted && said.who != CALLER) {
            let thread = self.thread(said);
            let name = thread.as_ref().map_or("main", |root| root.as_str());
            let written = self
                .said
                .iter()
                .filter(is_own)
                .filter(|own| !own.is_deleted && thread.is_some() && self.thread(own) == thread);
            let written = written.map(|own| own.position).max().unwrap_or_default();
            if said.position <= all.max(self.read(Some(name))).max(written) {
                continue;
            }
            let counts = thread.map_or(&mut unread.main, |root| unread.threads.entry(root).or_default());
            counts.notification_count += 1;
            counts.highlight_count += usize::from(said.mentions);
        }
        unread
    }

    /// Does a step in the model, and gives the fact of it.
    fn take(&mut self, step: &Step, number: u64) -> Option<Fact> {
        let message = |who: &str, content| pdu(number, &room("r"), &user(who), "m.room.message", None, &content);
        match *step {
            Step::Say { who, place, mentions } => {
                let index = |other: usize| other.checked_rem(self.said.len());
                let (place, relation) = match place {
                    Place::Main => (Place::Main, None),
                    Place::Thread(root) => (Place::Thread(index(root)?), Some(("m.thread", index(root)?))),
                    Place::About(other) => (Place::About(index(other)?), Some(("m.reference", index(other)?))),
                };
                let mut content = json!({ "msgtype": "m.text", "body": "x", "m.mentions": {} });
                if mentions {
                    content["m.mentions"] = json!({ "user_ids": ["@bob:h"] });
                }
                if let Some((rel_type, other)) = relation {
                    let event_id = id(self.said[other].position);
                    content["m.relates_to"] = json!({ "rel_type": rel_type, "event_id": event_id });
                }
                self.said.push(Said { position: number, who, place, mentions, is_deleted: false });
                Some(message(who, content))
            }
            Step::Read { kind, place, through } => {
                let through = self.nth(through)?.position;
                let thread = match place {
                    None => None,
                    Some(Place::Main) => Some("main".to_owned()),
                    Some(Place::Thread(root) | Place::About(root)) => Some(id(self.nth(root)?.position).to_string()),
                };
                self.receipts.insert((kind, thread.clone()), through);
                Some(Fact::ReceiptSet(ReceiptSet {
                    user_id: user(CALLER),
                    room_id: room("r"),
                    kind,
                    thread,
                    event_id: id(through),
                    event_position: through,
                    ts_ms: 7,
                }))
            }
            Step::Delete(which) => {
                let which = which.checked_rem(self.said.len())?;
                let said = &mut self.said[which];
                if std::mem::replace(&mut said.is_deleted, true) {
                    return None;
                }
                let pruned = pdu(said.position, &room("r"), &user(said.who), "m.room.message", None, &json!({}));
                let Fact::PduAdded(PduAdded { pdu, .. }) = pruned else { return None };
                Some(Fact::PduPruned(PduPruned {
                    media: Vec::new(),
                    pdu: Arc::clone(&pdu),
                    transaction: None,
                    target_position: said.position,
                    redacted_by: id(number),
                }))
            }
        }
    }
}

/// A room of three, in which the caller has rules of their own or has not.
fn given(has_rules: bool) -> Folded {
    let (room, alice) = (room("r"), user("alice"));
    let create = pdu(1, &room, &alice, "m.room.create", Some(""), &json!({ "room_version": "11" }));
    let mut folded = Folded::of([create]);
    for name in ["alice", "carol", CALLER] {
        let number = folded.position() + 1;
        folded.add(member(number, &room, &alice, &user(name), "join"));
    }
    if has_rules {
        let content = to_raw_value(&json!({ "global": {} })).unwrap();
        let event_type = "m.push_rules".to_owned();
        folded.add(Fact::AccountDataSet(AccountDataSet { content, room_id: None, event_type, user_id: user(CALLER) }));
    }
    folded
}

/// Does the steps, and compares view and model after each.
fn agree(steps: &[Step], has_rules: bool) -> Result<(), TestCaseError> {
    let (mut folded, mut model) = (given(has_rules), Model::default());
    for step in steps {
        let Some(fact) = model.take(step, folded.position() + 1) else { continue };
        let deleted = if let Fact::PduPruned(pruned) = &fact { Some(pruned.target_position) } else { None };
        folded.add(fact);
        if let Some(position) = deleted {
            folded.erase(position);
        }
        let found = unread_by_thread(&*folded.rows(), &room("r"), &folded.reader(&user(CALLER))).unwrap();
        prop_assert_eq!(&found, &model.unread(4), "after {:?}", step);
        let sum = |count: fn(&Unread) -> usize| count(&found.main) + found.threads.values().map(count).sum::<usize>();
        prop_assert_eq!(found.all().notification_count, sum(|unread| unread.notification_count));
        prop_assert_eq!(found.all().highlight_count, sum(|unread| unread.highlight_count));
    }
    folded.assert_replay_is_equal();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_unread_in_a_thread_is_what_a_naive_count_says(steps in steps(), has_rules in any::<bool>()) {
        agree(&steps, has_rules)?;
    }
}

#[test]
fn a_relation_is_followed_as_far_for_the_count_as_for_receipts() {
    let about = |place| Step::Say { who: "alice", place, mentions: false };
    let mut steps = vec![about(Place::Main), about(Place::Thread(0))];
    steps.extend((1..6).map(|before| about(Place::About(before))));
    for has_rules in [false, true] {
        agree(&steps, has_rules).unwrap();
    }
}
