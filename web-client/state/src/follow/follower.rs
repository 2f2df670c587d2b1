//! The side of a tab that follows.

use std::collections::BTreeMap;

use super::{Answer, Asked, Board, ChatChange, FOLLOWED_CHATS_MAX, Said, Tab, WAITING_MAX, Wants};
use crate::trouble::Trouble;

/// A question without an answer.
#[derive(Clone, Debug)]
struct Waiting {
    asked: Asked,
    /// Whether a leader has heard it.
    was_said: bool,
}

/// What is left to do, by the numbers of its questions; with each, whether an earlier leader may have done it.
pub type Left = Vec<(u64, bool, Asked)>;
/// Questions that will not be answered, and what is to be taken for their answers.
pub type GivenUp = Vec<(u64, Answer)>;

/// What a follower has heard means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing to this tab.
    Nothing,
    /// There is a leader, or another one. This is to be said; these questions will not be answered any more.
    Led {
        /// To be said, in this order.
        to_say: Vec<Said>,
        /// Questions, and what is to be taken for their answers.
        given_up: GivenUp,
    },
    /// What all followers see.
    Board(Box<Board>),
    /// Something happened in a chat.
    Chat(String, ChatChange),
    /// The answer to a question.
    Answer(u64, Answer),
}

/// A tab that follows.
#[derive(Clone, Debug)]
pub struct Follower {
    tab: Tab,
    lead: Option<u64>,
    wants: Wants,
    waiting: BTreeMap<u64, Waiting>,
    next: u64,
}

impl Follower {
    /// The tab with this random number.
    pub fn new(tab: Tab) -> Self {
        Self { tab, lead: None, wants: Wants::default(), waiting: BTreeMap::new(), next: 0 }
    }

    /// The number by which the others know it.
    pub fn tab(&self) -> Tab {
        self.tab
    }

    /// Whether some tab has said that it leads.
    pub fn is_led(&self) -> bool {
        self.lead.is_some()
    }

    /// What the tab would like to see from now on: what is to be said of it. Chats beyond [`FOLLOWED_CHATS_MAX`] are left out.
    pub fn want(&mut self, mut wants: Wants) -> Option<Said> {
        while wants.chats.len() > FOLLOWED_CHATS_MAX {
            wants.chats.pop_last();
        }
        if self.wants == wants {
            return None;
        }
        self.wants = wants;
        self.renew()
    }

    /// Says again what it would like to see, so that it is not forgotten.
    pub fn renew(&self) -> Option<Said> {
        self.lead.map(|lead| Said::Follow { tab: self.tab, lead, wants: self.wants.clone() })
    }

    /// Asks that something be done. The number of the question, by which its answer is known, and what is to be said now;
    /// without a leader it is said when there is one.
    ///
    /// # Errors
    /// When too much is waited for.
    pub fn ask(&mut self, asked: Asked) -> Result<(u64, Option<Said>), Trouble> {
        if self.waiting.len() >= WAITING_MAX {
            return Err(Trouble::Unknown);
        }
        let number = self.next;
        self.next += 1;
        let said = self.lead.map(|lead| self.question(lead, number, false, asked.clone()));
        self.waiting.insert(number, Waiting { asked, was_said: said.is_some() });
        Ok((number, said))
    }

    /// Takes in what another tab has said.
    pub fn hear(&mut self, said: Said) -> Heard {
        match said {
            Said::Leads { lead } if self.lead != Some(lead) => self.led_by(lead),
            Said::Board { lead, board } if self.lead == Some(lead) => Heard::Board(board),
            Said::Chat { tab, lead, chat, change } if tab == self.tab && self.lead == Some(lead) => {
                Heard::Chat(chat, change)
            }
            Said::Answer { tab, number, answer } if tab == self.tab && self.waiting.remove(&number).is_some() => {
                Heard::Answer(number, answer)
            }
            _ => Heard::Nothing,
        }
    }

    /// The lead is this tab's own: what it waits for is for itself to do. With each, whether an earlier leader may have done
    /// it; and what is to be taken for the answers of what cannot be done once more.
    pub fn take_over(mut self) -> (Left, GivenUp) {
        let given_up = self.give_up();
        let left = self.waiting.into_iter().map(|(number, one)| (number, one.was_said, one.asked));
        (left.collect(), given_up)
    }

    fn led_by(&mut self, lead: u64) -> Heard {
        self.lead = Some(lead);
        let given_up = self.give_up();
        let mut to_say = vec![Said::Follow { tab: self.tab, lead, wants: self.wants.clone() }];
        let again = |(number, one): (&u64, &Waiting)| self.question(lead, *number, one.was_said, one.asked.clone());
        to_say.extend(self.waiting.iter().map(again));
        self.waiting.values_mut().for_each(|one| one.was_said = true);
        Heard::Led { to_say, given_up }
    }

    /// What an earlier leader has heard and may have done, and cannot be done twice: a reaction would be taken back.
    fn give_up(&mut self) -> GivenUp {
        let is_lost = |one: &Waiting| one.was_said && !one.asked.deed.is_repeatable() && !one.asked.deed.is_marked();
        let lost: Vec<u64> = self.waiting.iter().filter(|(_, one)| is_lost(one)).map(|(number, _)| *number).collect();
        self.waiting.retain(|_, one| !is_lost(one));
        lost.into_iter().map(|number| (number, Answer::Done(Err(Trouble::Unknown)))).collect()
    }

    fn question(&self, lead: u64, number: u64, is_again: bool, asked: Asked) -> Said {
        Said::Ask { tab: self.tab, lead, number, is_again, asked }
    }
}
