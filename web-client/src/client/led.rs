//! A tab that follows: what it is told by the tab that leads, and what it asks of it.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use futures_channel::{
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
    oneshot,
};
use futures_util::{
    StreamExt,
    future::{Either, select},
};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    conversation::ConversationChange,
    follow::{Answer, Asked, Board, ChatChange, Deed, Follower, Heard, Left, RENEW_EVERY_MS, Said, Tab, Wants},
    identity::Peer,
    message::{Action, Info, Quote},
    trouble::Trouble,
};

use crate::browser::{self, Line, Listening};

/// The tab that leads, as a follower reaches it. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Led(Rc<Inner>);

struct Inner {
    user_id: String,
    /// `None` once the tab has the lead itself.
    end: RefCell<Option<End>>,
    wants: RefCell<Wants>,
    answers: RefCell<HashMap<u64, oneshot::Sender<Answer>>>,
    chats: RefCell<HashMap<String, UnboundedSender<ConversationChange>>>,
    people: RefCell<HashMap<String, People>>,
}

/// This end of the line.
struct End {
    follower: Follower,
    line: Rc<Line>,
    _leaving: Option<Listening>,
}

impl End {
    fn say(&self, said: impl IntoIterator<Item = Said>) {
        said.into_iter().for_each(|said| self.line.say(&said));
    }
}

/// The others in a chat, as far as they are known, and who is told of them.
#[derive(Default)]
struct People {
    known: Vec<Peer>,
    told: Vec<UnboundedSender<Vec<Peer>>>,
}

impl PartialEq for Led {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Led {
    /// Asks who leads. `None` in a browser in which tabs cannot talk. What is heard is for [`Led::follow`].
    pub(crate) fn new(user_id: String) -> Option<(Self, UnboundedReceiver<Said>)> {
        let (line, said) = Line::open()?;
        let line = Rc::new(line);
        let tab = browser::random() as u64;
        let last = Rc::clone(&line);
        let leaving =
            browser::window().map(|window| Listening::to(&window, "pagehide", move |_| last.say(&Said::Gone { tab })));
        line.say(&Said::WhoLeads);
        let inner = Inner {
            user_id,
            end: RefCell::new(Some(End { follower: Follower::new(tab), line, _leaving: leaving })),
            wants: RefCell::default(),
            answers: RefCell::default(),
            chats: RefCell::default(),
            people: RefCell::default(),
        };
        Some((Self(Rc::new(inner)), said))
    }

    /// Takes in what is heard and says again what is wanted, until the tab has the lead itself. `report` is told what all
    /// followers see: that there is a leader is known with the first of it.
    pub(crate) async fn follow(&self, mut said: UnboundedReceiver<Said>, mut report: impl FnMut(Board)) {
        let mut renewal = TimeoutFuture::new(RENEW_EVERY_MS);
        loop {
            match select(said.next(), renewal).await {
                Either::Left((Some(said), left)) => {
                    renewal = left;
                    let Some(heard) = self.0.end.borrow_mut().as_mut().map(|end| end.follower.hear(said)) else { return };
                    if let Some(board) = self.take_in(heard) {
                        report(board);
                    }
                }
                Either::Left((None, _)) => return,
                Either::Right(_) => {
                    renewal = TimeoutFuture::new(RENEW_EVERY_MS);
                    let Some(end) = &*self.0.end.borrow() else { return };
                    end.say(end.follower.renew());
                }
            }
        }
    }

    /// `@alice:example.org`.
    pub(super) fn user_id(&self) -> &str {
        &self.0.user_id
    }

    /// Whether the person looks at this tab.
    pub(crate) fn attend(&self, is_attended: bool) {
        self.want(|wants| wants.is_attended = is_attended);
    }

    /// The lead is this tab's: what it waits for is for itself to do, and is answered by [`Led::answer`].
    pub(crate) fn take_over(&self) -> (Tab, Left) {
        let Some(end) = self.0.end.take() else { return (0, Vec::new()) };
        let tab = end.follower.tab();
        end.say([Said::Gone { tab }]);
        let (left, given_up) = end.follower.take_over();
        // Whoever watches is told that this is the end.
        self.0.chats.borrow_mut().clear();
        self.0.people.borrow_mut().clear();
        given_up.into_iter().for_each(|(number, answer)| self.answer(number, answer));
        (tab, left)
    }

    /// Answers a question.
    pub(crate) fn answer(&self, number: u64, answer: Answer) {
        if let Some(asker) = self.0.answers.borrow_mut().remove(&number) {
            // Whoever has asked may be gone.
            let _ = asker.send(answer);
        }
    }

    /// Has the leader tell of a chat for as long as what comes back lives.
    ///
    /// # Errors
    /// When the tab has the lead itself.
    pub(super) fn open(&self, chat: &str) -> Result<(LedConversation, Told), Trouble> {
        if self.0.end.borrow().is_none() {
            return Err(Trouble::Unknown);
        }
        let (conversation, changes) = unbounded();
        self.0.chats.borrow_mut().insert(chat.to_owned(), conversation);
        self.want_chats();
        let told = Told { changes, led: self.clone(), chat: chat.to_owned() };
        Ok((LedConversation { led: self.clone(), chat: chat.to_owned() }, told))
    }

    /// Reports what is known of the others in a chat that is open, now and on every change, for as long as it is polled.
    pub(super) async fn watch_people(&self, chat: &str, mut report: impl FnMut(Vec<Peer>)) {
        let (sender, mut people) = unbounded();
        let known = {
            let mut people = self.0.people.borrow_mut();
            let people = people.entry(chat.to_owned()).or_default();
            people.told.push(sender);
            people.known.clone()
        };
        report(known);
        while let Some(now) = people.next().await {
            report(now);
        }
    }

    fn take_in(&self, heard: Heard) -> Option<Board> {
        match heard {
            Heard::Nothing => {}
            Heard::Led { to_say, given_up } => {
                self.0.end.borrow().iter().for_each(|end| end.say(to_say.clone()));
                given_up.into_iter().for_each(|(number, answer)| self.answer(number, answer));
            }
            Heard::Board(board) => return Some(*board),
            Heard::Answer(number, answer) => self.answer(number, answer),
            Heard::Chat(chat, change) => self.take_in_chat(&chat, change),
        }
        None
    }

    fn take_in_chat(&self, chat: &str, change: ChatChange) {
        match change {
            ChatChange::Conversation(change) => {
                if let Some(told) = self.0.chats.borrow().get(chat) {
                    // The chat may be being closed.
                    let _ = told.unbounded_send(change);
                }
            }
            ChatChange::People(now) => {
                let mut people = self.0.people.borrow_mut();
                let people = people.entry(chat.to_owned()).or_default();
                people.told.retain(|told| told.unbounded_send(now.clone()).is_ok());
                people.known = now;
            }
        }
    }

    fn want_chats(&self) {
        let chats: BTreeSet<String> = self.0.chats.borrow().keys().cloned().collect();
        self.want(|wants| wants.chats = chats);
    }

    fn want(&self, change: impl FnOnce(&mut Wants)) {
        let wants = {
            let mut wants = self.0.wants.borrow_mut();
            change(&mut wants);
            wants.clone()
        };
        if let Some(end) = &mut *self.0.end.borrow_mut() {
            let said = end.follower.want(wants);
            end.say(said);
        }
    }

    async fn ask(&self, chat: &str, deed: Deed) -> Option<Answer> {
        let asked = Asked { chat: chat.to_owned(), deed };
        let answer = {
            let mut end = self.0.end.borrow_mut();
            let end = end.as_mut()?;
            let (number, said) = end.follower.ask(asked).ok()?;
            let (asker, answer) = oneshot::channel();
            self.0.answers.borrow_mut().insert(number, asker);
            end.say(said);
            answer
        };
        answer.await.ok()
    }
}

/// What is told of a chat.
pub(crate) struct Told {
    changes: UnboundedReceiver<ConversationChange>,
    led: Led,
    chat: String,
}

impl Drop for Told {
    fn drop(&mut self) {
        self.led.0.chats.borrow_mut().remove(&self.chat);
        self.led.want_chats();
    }
}

/// A conversation that the tab that leads has open for this one. Cloning shares it.
#[derive(Clone, PartialEq)]
pub(crate) struct LedConversation {
    led: Led,
    chat: String,
}

impl LedConversation {
    /// Reports all that is told of it. Returns when the tab has the lead itself.
    pub(super) async fn watch(&self, mut told: Told, mut report: impl FnMut(ConversationChange)) {
        while let Some(change) = told.changes.next().await {
            report(change);
        }
    }

    pub(super) async fn act(&self, action: &Action) -> Result<(), Trouble> {
        match self.ask(Deed::Act(action.clone())).await {
            Some(Answer::Done(done)) => done,
            _ => Err(Trouble::Unknown),
        }
    }

    pub(super) async fn page_back(&self) -> Result<bool, Trouble> {
        match self.ask(Deed::PageBack).await {
            Some(Answer::Page(is_start)) => is_start,
            _ => Err(Trouble::Unknown),
        }
    }

    pub(super) async fn unread(&self) -> (u64, Option<String>) {
        match self.ask(Deed::Unread).await {
            Some(Answer::Unread(count, read)) => (count, read),
            _ => (0, None),
        }
    }

    pub(super) async fn quote(&self, id: &str) -> Option<Quote> {
        match self.ask(Deed::Quote(id.to_owned())).await {
            Some(Answer::Quote(quote)) => quote,
            _ => None,
        }
    }

    pub(super) async fn info(&self, key: &str) -> Option<Info> {
        match self.ask(Deed::Info(key.to_owned())).await {
            Some(Answer::Info(info)) => info.map(|info| *info),
            _ => None,
        }
    }

    /// Does what has no answer that anybody waits for.
    pub(super) async fn tell(&self, deed: Deed) {
        // A lost notice is not worth a word.
        let _ = self.ask(deed).await;
    }

    async fn ask(&self, deed: Deed) -> Option<Answer> {
        self.led.ask(&self.chat, deed).await
    }
}
