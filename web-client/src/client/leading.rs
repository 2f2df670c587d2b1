//! The tab that leads: shows others its chats, and does in them what they ask.

mod seat;

use std::{
    cell::RefCell,
    collections::{HashMap, hash_map::Entry},
    pin::pin,
    rc::Rc,
};

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::{FutureExt, StreamExt, future::LocalBoxFuture, select, stream::FuturesUnordered};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    follow::{Answer, Asked, Board, Deed, Leader, Order, Said, Tab, mark},
    message::Action,
    trouble::Trouble,
};
use js_sys::Date;

use self::seat::Seat;
use super::{Account, conversation::Conversation, led::Led};
use crate::browser::{self, Line};

/// How often followers that say nothing any more are looked for, in milliseconds.
const LOOK_EVERY_MS: u32 = 30_000;

/// What the tab that leads has of its followers. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Leading(Rc<Inner>);

struct Inner {
    account: Account,
    line: Line,
    lead: u64,
    leader: RefCell<Leader>,
    seats: RefCell<HashMap<(Tab, String), Seat>>,
    /// Where what a follower does goes: one after the other, also when its chats are closed and opened meanwhile. One that was
    /// forgotten and comes back finds its own.
    hands: RefCell<HashMap<Tab, UnboundedSender<Act>>>,
}

/// What a follower does in a chat.
struct Act {
    number: u64,
    is_again: bool,
    chat: String,
    action: Action,
}

/// What happens beside the listening.
type Work = LocalBoxFuture<'static, ()>;

impl Leading {
    /// Opens the line. `None` in a browser in which tabs cannot talk. What is heard is for [`Leading::lead`].
    pub(crate) fn new(account: Account) -> Option<(Self, UnboundedReceiver<Said>)> {
        let (line, said) = Line::open()?;
        let lead = browser::random() as u64;
        let inner = Inner {
            account,
            line,
            lead,
            leader: RefCell::new(Leader::new(lead)),
            seats: RefCell::default(),
            hands: RefCell::default(),
        };
        Some((Self(Rc::new(inner)), said))
    }

    /// Does first what this tab has asked for itself while it followed; then says that it leads, and does what it is asked
    /// for as long as it is polled. `board` is what all followers see; `report` is told whether the person looks at one.
    pub(crate) async fn lead(
        &self,
        mut said: UnboundedReceiver<Said>,
        before: Option<Led>,
        board: impl Fn() -> Board,
        mut report: impl FnMut(bool),
    ) {
        if let Some(led) = before {
            self.make_up(&led).await;
        }
        self.0.line.say(&Said::Leads { lead: self.0.lead });
        let mut work: FuturesUnordered<Work> = FuturesUnordered::new();
        let mut look = pin!(TimeoutFuture::new(LOOK_EVERY_MS).fuse());
        loop {
            let orders = select! {
                said = said.next() => match said {
                    Some(said) => self.0.leader.borrow_mut().hear(said, now_ms()),
                    None => return,
                },
                _ = work.select_next_some() => continue,
                () = look => {
                    look.set(TimeoutFuture::new(LOOK_EVERY_MS).fuse());
                    self.0.leader.borrow_mut().look(now_ms())
                }
            };
            for order in orders {
                match order {
                    Order::Greet => self.0.line.say(&Said::Leads { lead: self.0.lead }),
                    Order::Board => self.show(board()),
                    Order::Open(tab, chat) => work.push(self.clone().open(tab, chat)),
                    Order::Close(tab, chat) => drop(self.0.seats.borrow_mut().remove(&(tab, chat))),
                    Order::Do { tab, number, is_again, asked: Asked { chat, deed: Deed::Act(action) } } => {
                        work.extend(self.act(tab, Act { number, is_again, chat, action }));
                    }
                    Order::Do { tab, number, asked, .. } => self.look_up(tab, number, asked),
                }
            }
            report(self.0.leader.borrow().is_attended_elsewhere());
        }
    }

    /// Whether there is anybody to show anything.
    pub(crate) fn is_followed(&self) -> bool {
        self.0.leader.borrow().is_followed()
    }

    /// Shows all followers what they see.
    pub(crate) fn show(&self, board: Board) {
        self.0.line.say(&Said::Board { lead: self.0.lead, board: Box::new(board) });
    }

    fn open(self, tab: Tab, chat: String) -> Work {
        let (seat, asked) = Seat::new();
        let open = seat.open();
        self.0.seats.borrow_mut().insert((tab, chat.clone()), seat);
        Box::pin(async move {
            let tell = |change| {
                self.0.line.say(&Said::Chat { tab, lead: self.0.lead, chat: chat.clone(), change });
            };
            seat::serve(&self.0.account, &chat, &open, asked, tell, |number, answer| self.answer(tab, number, answer)).await;
        })
    }

    /// Hands on what a follower does. What comes back is to be worked on, if it is its first.
    fn act(&self, tab: Tab, act: Act) -> Option<Work> {
        let mut hands = self.0.hands.borrow_mut();
        let mut work = None;
        let hand = hands.entry(tab).or_insert_with(|| {
            let (hand, acts) = unbounded();
            work = Some(self.clone().work(tab, acts));
            hand
        });
        // It is worked on for as long as this tab leads.
        let _ = hand.unbounded_send(act);
        work
    }

    fn work(self, tab: Tab, mut acts: UnboundedReceiver<Act>) -> Work {
        Box::pin(async move {
            while let Some(act) = acts.next().await {
                let open = self.0.seats.borrow().get(&(tab, act.chat.clone())).and_then(Seat::conversation);
                let open = match open {
                    Some(open) => Ok(open),
                    // What is said is sent whether or not the chat is still open.
                    None => seat::open(&self.0.account, &act.chat).await.map(|(opened, _)| opened),
                };
                let done = match open {
                    Ok(conversation) => carry_out(&conversation, tab, &act).await,
                    Err(trouble) => Err(trouble),
                };
                self.answer(tab, act.number, Answer::Done(done));
            }
        })
    }

    fn look_up(&self, tab: Tab, number: u64, asked: Asked) {
        let is_taken = self.0.seats.borrow().get(&(tab, asked.chat)).is_some_and(|seat| seat.ask(number, asked.deed));
        if !is_taken {
            self.answer(tab, number, Answer::Done(Err(Trouble::Unknown)));
        }
    }

    fn answer(&self, tab: Tab, number: u64, answer: Answer) {
        self.0.line.say(&Said::Answer { tab, number, answer });
    }

    /// What this tab has said while it followed is sent before anybody else is listened to, so that it keeps its place.
    async fn make_up(&self, led: &Led) {
        let (tab, left) = led.take_over();
        let mut open: HashMap<String, Conversation> = HashMap::new();
        for (number, is_again, Asked { chat, deed }) in left {
            let done = match deed {
                Deed::Act(action) => {
                    if let Entry::Vacant(place) = open.entry(chat.clone())
                        && let Ok((opened, _)) = seat::open(&self.0.account, &chat).await
                    {
                        place.insert(opened);
                    }
                    let act = Act { number, is_again, chat, action };
                    match open.get(&act.chat) {
                        Some(conversation) => carry_out(conversation, tab, &act).await,
                        None => Err(Trouble::Unknown),
                    }
                }
                // It is asked again by what is shown now.
                _ => Err(Trouble::Unknown),
            };
            led.answer(number, Answer::Done(done));
        }
    }
}

/// Does something in a chat, unless the log has it already.
async fn carry_out(conversation: &Conversation, tab: Tab, act: &Act) -> Result<(), Trouble> {
    let mark = mark(tab, act.number);
    if act.is_again && conversation.has_marked(&mark).await {
        return Ok(());
    }
    conversation.act(&act.action, Some(&mark)).await
}

fn now_ms() -> u64 {
    Date::now() as u64
}
