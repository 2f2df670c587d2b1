//! A browser with several tabs that talk over lines, and what outlives them: the texts that were sent.
//!
//! A line keeps the order of what one tab says to another, and nothing else is in any order. What a tab has said arrives
//! even if it is gone by then. Everything that a tab does is a step of its own, so that it can go after any of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hearth_web_state::{
    conversation::{ConversationChange, Row},
    follow::{
        Answer, Asked, Board, ChatChange, Deed, FOLLOWED_CHATS_MAX, Follower, Heard, Leader, Order, Said, Tab, Wants, mark,
    },
    list::ListChange,
    message::Action,
};

use crate::random::Random;

/// There are more than a follower is told of.
pub(crate) const CHATS: [&str; 5] = ["!a", "!b", "!c", "!d", "!e"];
/// A leader has no follower that counts its own questions: their numbers begin where no follower comes to.
const OWN_NUMBERS_FROM: u64 = 1 << 32;

/// A question, and the tab that has it.
pub(crate) type Question = (Tab, u64);

/// A text that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) tab: Tab,
    pub(crate) text: String,
    mark: String,
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Open,
    Answered,
    GivenUp,
}

/// Something that the leader has to do.
#[derive(Clone, Debug)]
struct Work {
    number: u64,
    is_again: bool,
    asked: Asked,
    /// Whether only the answer is left.
    is_done: bool,
}

pub(crate) struct Leading {
    lead: u64,
    leader: Leader,
    /// Before, nobody can mean this lead by what they say, and nothing is heard.
    has_said_so: bool,
    /// Of each tab in the order in which it came.
    work: BTreeMap<Tab, VecDeque<Work>>,
    /// The chats that followers have open, with how much of each was told; `None` before all of it was.
    open: BTreeMap<(Tab, String), Option<usize>>,
    /// How many texts the last board had.
    on_board: Option<usize>,
    next_own: u64,
}

pub(crate) struct Following {
    follower: Follower,
    wants: Wants,
    pub(crate) copies: BTreeMap<String, Vec<Row>>,
    pub(crate) board: Option<Box<Board>>,
}

pub(crate) enum Role {
    Leads(Box<Leading>),
    Follows(Box<Following>),
}

pub(crate) struct World {
    pub(crate) random: Random,
    pub(crate) tabs: BTreeMap<Tab, Role>,
    /// By who says it and who hears it.
    lines: BTreeMap<(Tab, Tab), VecDeque<Said>>,
    /// What was sent, by chat: the queue in the database.
    pub(crate) log: BTreeMap<String, Vec<Sent>>,
    /// How often a reaction was put or taken back for a question.
    pub(crate) toggled: BTreeMap<Question, u32>,
    /// What every tab has said in which chat, in its order.
    pub(crate) texts: Vec<(Tab, String, String)>,
    pub(crate) questions: BTreeMap<Question, (Asked, Fate)>,
    /// What happened in the run, for a look at what the runs reach.
    pub(crate) seen: BTreeSet<&'static str>,
    pub(crate) now_ms: u64,
}

impl Following {
    /// The chats that it is told of.
    pub(crate) fn chats(&self) -> impl Iterator<Item = &String> {
        self.wants.chats.iter().take(FOLLOWED_CHATS_MAX)
    }
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            tabs: BTreeMap::new(),
            lines: BTreeMap::new(),
            log: CHATS.iter().map(|chat| ((*chat).to_owned(), Vec::new())).collect(),
            toggled: BTreeMap::new(),
            texts: Vec::new(),
            questions: BTreeMap::new(),
            seen: BTreeSet::new(),
            now_ms: 0,
        }
    }

    pub(crate) fn open_tab(&mut self) {
        let tab = self.random.next();
        let following =
            Following { follower: Follower::new(tab), wants: Wants::default(), copies: BTreeMap::new(), board: None };
        self.tabs.insert(tab, Role::Follows(Box::new(following)));
        self.say(tab, Said::WhoLeads);
    }

    /// A tab goes; one that crashes does not say so. What it had said stays on the lines.
    pub(crate) fn end_tab(&mut self, tab: Tab, crashes: bool) {
        if !crashes && matches!(self.tabs.get(&tab), Some(Role::Follows(_))) {
            self.say(tab, Said::Gone { tab });
        }
        self.tabs.remove(&tab);
        self.lines.retain(|(_, to), _| *to != tab);
    }

    pub(crate) fn leading_tab(&self) -> Option<Tab> {
        self.tabs.iter().find(|(_, role)| matches!(role, Role::Leads(_))).map(|(tab, _)| *tab)
    }

    /// Gives the lead to some tab, if no other has it.
    pub(crate) fn elect(&mut self) {
        if self.leading_tab().is_some() {
            return;
        }
        if self.tabs.is_empty() {
            self.open_tab();
        }
        let at = self.random.below(self.tabs.len() as u64) as usize;
        let Some((&tab, _)) = self.tabs.iter().nth(at) else { return };
        let Some(Role::Follows(following)) = self.tabs.remove(&tab) else { return };
        let (left, given_up) = following.follower.take_over();
        self.give_up(tab, given_up);
        let own = left.into_iter().map(|(number, is_again, asked)| Work { number, is_again, asked, is_done: false });
        let lead = self.random.next();
        let leading = Leading {
            lead,
            leader: Leader::new(lead),
            has_said_so: false,
            work: BTreeMap::from([(tab, own.collect())]),
            open: BTreeMap::new(),
            on_board: None,
            next_own: OWN_NUMBERS_FROM,
        };
        self.tabs.insert(tab, Role::Leads(Box::new(leading)));
    }

    /// A person does something in a chat, in whatever tab.
    pub(crate) fn ask(&mut self, tab: Tab, chat: &str, deed: Deed) {
        let asked = Asked { chat: chat.to_owned(), deed };
        let (number, said) = match self.tabs.get_mut(&tab) {
            Some(Role::Follows(following)) => following.follower.ask(asked.clone()).expect("a run is short"),
            Some(Role::Leads(leading)) => {
                let number = leading.next_own;
                leading.next_own += 1;
                let work = Work { number, is_again: false, asked: asked.clone(), is_done: false };
                leading.work.entry(tab).or_default().push_back(work);
                (number, None)
            }
            None => return,
        };
        if let Some(text) = text_of(&asked.deed) {
            self.texts.push((tab, chat.to_owned(), text.to_owned()));
        }
        self.questions.insert((tab, number), (asked, Fate::Open));
        said.into_iter().for_each(|said| self.say(tab, said));
    }

    pub(crate) fn want(&mut self, tab: Tab, wants: Wants) {
        let Some(Role::Follows(following)) = self.tabs.get_mut(&tab) else { return };
        following.wants = wants.clone();
        let chats: BTreeSet<String> = following.chats().cloned().collect();
        following.copies.retain(|chat, _| chats.contains(chat));
        let said = following.follower.want(wants);
        said.into_iter().for_each(|said| self.say(tab, said));
    }

    pub(crate) fn renew(&mut self, tab: Tab) {
        let Some(Role::Follows(following)) = self.tabs.get(&tab) else { return };
        let said = following.follower.renew();
        said.into_iter().for_each(|said| self.say(tab, said));
    }

    /// The leader looks whom it has not heard for long.
    pub(crate) fn look(&mut self) {
        let now_ms = self.now_ms;
        let Some(tab) = self.leading_tab() else { return };
        let Some(Role::Leads(leading)) = self.tabs.get_mut(&tab) else { return };
        let orders = leading.leader.look(now_ms);
        if !orders.is_empty() {
            self.seen.insert("forgotten");
        }
        orders.into_iter().for_each(|order| self.obey(tab, order));
    }

    fn say(&mut self, tab: Tab, said: Said) {
        for other in self.tabs.keys().filter(|other| **other != tab) {
            self.lines.entry((tab, *other)).or_default().push_back(said.clone());
        }
    }

    /// One message arrives; `false` when none is on its way.
    pub(crate) fn deliver(&mut self) -> bool {
        let Some(mut ends) = self.some_line() else { return false };
        // What the dead have said comes late more often than not, when others have spoken in their place.
        if !self.tabs.contains_key(&ends.0) && self.random.chance(80) {
            ends = self.some_line().unwrap_or(ends);
        }
        let Some(line) = self.lines.get_mut(&ends) else { return false };
        let said = line.pop_front();
        if line.is_empty() {
            self.lines.remove(&ends);
        }
        if let Some(said) = said {
            self.hear(ends, said);
        }
        true
    }

    fn some_line(&mut self) -> Option<(Tab, Tab)> {
        let at = self.random.below(self.lines.len() as u64) as usize;
        self.lines.keys().nth(at).copied()
    }

    fn hear(&mut self, (from, tab): (Tab, Tab), said: Said) {
        let now_ms = self.now_ms;
        let is_late = matches!(said, Said::Leads { .. }) && self.leading_tab().is_some_and(|leads| leads != from);
        match self.tabs.get_mut(&tab) {
            Some(Role::Leads(leading)) if leading.has_said_so => {
                let orders = leading.leader.hear(said, now_ms);
                orders.into_iter().for_each(|order| self.obey(tab, order));
            }
            Some(Role::Follows(following)) => {
                let heard = following.follower.hear(said);
                if is_late && matches!(heard, Heard::Led { .. }) {
                    self.seen.insert("led by the dead");
                }
                self.take_in(tab, heard);
            }
            _ => {}
        }
    }

    fn take_in(&mut self, tab: Tab, heard: Heard) {
        let Some(Role::Follows(following)) = self.tabs.get_mut(&tab) else { return };
        match heard {
            Heard::Nothing => {}
            Heard::Led { to_say, given_up } => {
                to_say.into_iter().for_each(|said| self.say(tab, said));
                self.give_up(tab, given_up);
            }
            Heard::Board(board) => following.board = Some(board),
            Heard::Chat(chat, ChatChange::Conversation(ConversationChange::Rows(changes))) => {
                if following.chats().any(|wanted| *wanted == chat) {
                    let copy = following.copies.entry(chat).or_default();
                    changes.into_iter().for_each(|change| change.apply(copy));
                }
            }
            Heard::Chat(..) => {}
            Heard::Answer(number, answer) => self.answered((tab, number), &answer),
        }
    }

    fn answered(&mut self, question: Question, answer: &Answer) {
        let (asked, fate) = self.questions.get_mut(&question).expect("only what was asked is answered");
        assert_eq!(*fate, Fate::Open, "{question:?} has its answer");
        assert_eq!(*answer, answer_to(&asked.deed), "{asked:?} gets another's answer");
        *fate = Fate::Answered;
        let is_there = match &asked.deed {
            Deed::Act(Action::React { .. }) => self.toggled.contains_key(&question),
            deed => text_of(deed).is_none_or(|text| self.log[&asked.chat].iter().any(|sent| sent.text == text)),
        };
        assert!(is_there, "{question:?} is said to be done and is not");
    }

    fn give_up(&mut self, tab: Tab, given_up: Vec<(u64, Answer)>) {
        for (number, _) in given_up {
            let (asked, fate) = self.questions.get_mut(&(tab, number)).expect("only what was asked is given up");
            assert_eq!(*fate, Fate::Open, "{number} of {tab:x} has its answer");
            assert_eq!(text_of(&asked.deed), None, "a text is given up");
            *fate = Fate::GivenUp;
            self.seen.insert("given up");
        }
    }

    fn obey(&mut self, tab: Tab, order: Order) {
        let Some(Role::Leads(leading)) = self.tabs.get_mut(&tab) else { return };
        match order {
            Order::Greet => {
                let lead = leading.lead;
                self.say(tab, Said::Leads { lead });
            }
            // It is told in a step of its own.
            Order::Board => leading.on_board = None,
            Order::Open(follower, chat) => {
                leading.open.insert((follower, chat), None);
            }
            Order::Close(follower, chat) => {
                leading.open.remove(&(follower, chat)).expect("only what is open is closed");
            }
            Order::Do { tab: follower, number, is_again, asked } => {
                let work = Work { number, is_again, asked, is_done: false };
                leading.work.entry(follower).or_default().push_back(work);
            }
        }
    }

    /// The leader does the next piece of its work; `false` when there is none.
    pub(crate) fn work(&mut self) -> bool {
        let Some(tab) = self.leading_tab() else { return false };
        let Some(Role::Leads(leading)) = self.tabs.get_mut(&tab) else { return false };
        leading.work.retain(|_, list| !list.is_empty());
        let at = self.random.below(leading.work.len() as u64) as usize;
        let Some((&whose, list)) = leading.work.iter_mut().nth(at) else {
            let is_news = !leading.has_said_so;
            if is_news {
                leading.has_said_so = true;
                self.obey(tab, Order::Greet);
            }
            return is_news;
        };
        let Some(first) = list.front_mut() else { return false };
        if !first.is_done {
            first.is_done = true;
            let work = first.clone();
            self.execute((whose, work.number), work.is_again, work.asked);
            return true;
        }
        if let Some(work) = list.pop_front() {
            let answer = answer_to(&work.asked.deed);
            if whose == tab {
                self.answered((whose, work.number), &answer);
            } else {
                self.say(tab, Said::Answer { tab: whose, number: work.number, answer });
            }
        }
        true
    }

    fn execute(&mut self, question: Question, is_again: bool, asked: Asked) {
        if matches!(asked.deed, Deed::Act(Action::React { .. })) {
            *self.toggled.entry(question).or_default() += 1;
        }
        let Some(text) = text_of(&asked.deed) else { return };
        let log = self.log.get_mut(&asked.chat).expect("there is no other chat");
        let mark = mark(question.0, question.1);
        if is_again && log.iter().any(|sent| sent.mark == mark) {
            self.seen.insert("found by its mark");
            return;
        }
        if is_again {
            self.seen.insert("lost by the last leader");
        }
        log.push(Sent { tab: question.0, text: text.to_owned(), mark });
    }

    /// The leader tells one thing that it has not told yet; `false` when there is none.
    pub(crate) fn tell(&mut self) -> bool {
        let Some(tab) = self.leading_tab() else { return false };
        let count = self.count();
        let Some(Role::Leads(leading)) = self.tabs.get_mut(&tab) else { return false };
        let lead = leading.lead;
        if leading.on_board != Some(count) && leading.leader.is_followed() {
            leading.on_board = Some(count);
            let board = Box::new(Board { name: Some(count.to_string()), ..Board::default() });
            self.say(tab, Said::Board { lead, board });
            return true;
        }
        let is_behind = |(_, chat): &(Tab, String), told: Option<usize>| told != Some(self.log[chat].len());
        let behind = leading.open.iter_mut().filter(|(key, told)| is_behind(key, **told));
        let mut behind: Vec<_> = behind.collect();
        let at = self.random.below(behind.len() as u64) as usize;
        let Some(((follower, chat), told)) = behind.get_mut(at) else { return false };
        let rows = rows(&self.log[chat]);
        let (change, now_told) = match told {
            Some(count) => (ListChange::PushBack(rows[*count].clone()), *count + 1),
            None => (ListChange::Reset(rows.clone()), rows.len()),
        };
        **told = Some(now_told);
        let change = ChatChange::Conversation(ConversationChange::Rows(vec![change]));
        let said = Said::Chat { tab: *follower, lead, chat: chat.clone(), change };
        self.say(tab, said);
        true
    }

    /// The chats that the leader has open for others.
    pub(crate) fn open_for_others(&self) -> BTreeSet<(Tab, String)> {
        let leading = self.tabs.values().filter_map(|role| match role {
            Role::Leads(leading) => Some(leading),
            Role::Follows(_) => None,
        });
        leading.flat_map(|leading| leading.open.keys().cloned()).collect()
    }

    /// The chats that the followers are told of.
    pub(crate) fn wanted(&self) -> BTreeSet<(Tab, String)> {
        let following = self.tabs.iter().filter_map(|(tab, role)| match role {
            Role::Follows(following) => Some((*tab, following)),
            Role::Leads(_) => None,
        });
        following.flat_map(|(tab, following)| following.chats().map(move |chat| (tab, chat.clone()))).collect()
    }

    /// How many texts there are.
    pub(crate) fn count(&self) -> usize {
        self.log.values().map(Vec::len).sum()
    }
}

/// The texts of a chat as they are told.
pub(crate) fn rows(log: &[Sent]) -> Vec<Row> {
    let row = |sent: &Sent| Row::Note { key: sent.mark.clone(), text: sent.text.clone(), readers: Vec::new() };
    log.iter().map(row).collect()
}

pub(crate) fn text_of(deed: &Deed) -> Option<&str> {
    match deed {
        Deed::Act(Action::Send { text } | Action::Reply { text, .. }) => Some(text),
        _ => None,
    }
}

/// What the leader answers when all goes well.
fn answer_to(deed: &Deed) -> Answer {
    match deed {
        Deed::PageBack => Answer::Page(Ok(false)),
        Deed::Unread => Answer::Unread(3, None),
        Deed::Quote(_) => Answer::Quote(None),
        Deed::Info(_) => Answer::Info(None),
        Deed::Act(_) | Deed::MarkRead | Deed::MoveLine | Deed::Type(_) => Answer::Done(Ok(())),
    }
}
