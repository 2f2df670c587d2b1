//! The side of the tab that leads.

use std::collections::BTreeMap;

use super::{Asked, FOLLOWED_CHATS_MAX, FOLLOWERS_MAX, FORGET_AFTER_MS, Said, Tab, Wants};

/// What a leader is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Say that it leads.
    Greet,
    /// Tell all followers what they see.
    Board,
    /// Open a chat for a follower, and tell it what happens there.
    Open(Tab, String),
    /// No more.
    Close(Tab, String),
    /// Do something for a follower, and answer.
    Do {
        /// The follower.
        tab: Tab,
        /// Its question.
        number: u64,
        /// Whether an earlier leader may have done it already.
        is_again: bool,
        /// What is to be done.
        asked: Asked,
    },
}

#[derive(Clone, Debug)]
struct Followed {
    wants: Wants,
    heard_ms: u64,
}

/// What the tab that leads knows of those that follow.
#[derive(Clone, Debug)]
pub struct Leader {
    lead: u64,
    followers: BTreeMap<Tab, Followed>,
}

impl Leader {
    /// The tab with this lead, a random number that it says to the others.
    pub fn new(lead: u64) -> Self {
        Self { lead, followers: BTreeMap::new() }
    }

    /// Whether there is anybody to tell anything.
    pub fn is_followed(&self) -> bool {
        !self.followers.is_empty()
    }

    /// Whether the person looks at a tab that follows.
    pub fn is_attended_elsewhere(&self) -> bool {
        self.followers.values().any(|one| one.wants.is_attended)
    }

    /// Takes in what another tab has said at `now_ms`, of any clock that does not go back.
    pub fn hear(&mut self, said: Said, now_ms: u64) -> Vec<Order> {
        match said {
            Said::WhoLeads => vec![Order::Greet],
            Said::Follow { tab, lead, wants } if lead == self.lead => self.follow(tab, wants, now_ms),
            // It believes that another leads, and takes nothing from this one. It begins anew once it has heard who does.
            Said::Follow { tab, .. } => self.forget(tab).into_iter().chain([Order::Greet]).collect(),
            Said::Gone { tab } => self.forget(tab),
            // Also from one that was forgotten: it cannot know, and would wait for ever. What was said to another lead may
            // be done already, or come before what was said earlier; it is asked again.
            Said::Ask { tab, lead, number, is_again, asked } if lead == self.lead => {
                vec![Order::Do { tab, number, is_again, asked }]
            }
            _ => Vec::new(),
        }
    }

    /// Forgets those that have said nothing for long: a tab that crashes does not say that it goes.
    pub fn look(&mut self, now_ms: u64) -> Vec<Order> {
        let is_over = |one: &Followed| now_ms.saturating_sub(one.heard_ms) > FORGET_AFTER_MS;
        let over: Vec<Tab> = self.followers.iter().filter(|(_, one)| is_over(one)).map(|(tab, _)| *tab).collect();
        over.into_iter().flat_map(|tab| self.forget(tab)).collect()
    }

    fn follow(&mut self, tab: Tab, mut wants: Wants, now_ms: u64) -> Vec<Order> {
        while wants.chats.len() > FOLLOWED_CHATS_MAX {
            wants.chats.pop_last();
        }
        let is_new = !self.followers.contains_key(&tab);
        if is_new && self.followers.len() >= FOLLOWERS_MAX {
            return Vec::new();
        }
        let before = self.followers.insert(tab, Followed { wants: wants.clone(), heard_ms: now_ms });
        let before = before.map(|one| one.wants.chats).unwrap_or_default();
        let mut orders: Vec<Order> = Vec::new();
        if is_new {
            orders.push(Order::Board);
        }
        orders.extend(before.difference(&wants.chats).map(|chat| Order::Close(tab, chat.clone())));
        orders.extend(wants.chats.difference(&before).map(|chat| Order::Open(tab, chat.clone())));
        orders
    }

    fn forget(&mut self, tab: Tab) -> Vec<Order> {
        let gone = self.followers.remove(&tab);
        gone.into_iter().flat_map(|one| one.wants.chats).map(|chat| Order::Close(tab, chat)).collect()
    }
}
