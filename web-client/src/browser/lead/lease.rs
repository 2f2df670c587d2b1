//! The lead by a mark in local storage, where there is no lock manager.

use std::{cell::RefCell, rc::Rc};

use futures_channel::mpsc::UnboundedSender;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::session::{LOOK_EVERY_MS, Lease, LeaseNews, Mark};
use js_sys::{Date, Reflect};

use super::news::LeadNews;
use crate::browser;

const MARK_KEY: &str = "hearth.lead";

/// This tab's part in it.
#[derive(Clone)]
pub(crate) struct ByMark {
    lease: Rc<RefCell<Option<Lease>>>,
    news: UnboundedSender<LeadNews>,
}

impl ByMark {
    pub(super) fn new(news: UnboundedSender<LeadNews>) -> Self {
        Self { lease: Rc::default(), news }
    }

    /// Gets in line, and looks from now on for the life of the page.
    pub(super) fn watch(&self) {
        if self.lease.borrow().is_some() {
            return;
        }
        *self.lease.borrow_mut() = Some(Lease::new(browser::random(), now_ms()));
        let Some(window) = browser::window() else { return };
        let on_storage = self.clone();
        browser::listen(&window, "storage", move |_| on_storage.look());
        let on_leaving = self.clone();
        browser::listen(&window, "pagehide", move |_| on_leaving.let_go());
        // A page that comes back as it was does not know what was done to the databases meanwhile.
        browser::listen(&window, "pageshow", |event| {
            if Reflect::get(&event, &"persisted".into()).is_ok_and(|persisted| persisted.is_truthy()) {
                browser::reload();
            }
        });
        let looking = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            loop {
                looking.look();
                TimeoutFuture::new(LOOK_EVERY_MS).await;
            }
        });
    }

    pub(super) fn steal(&self) {
        let mark = mark();
        let news = self.lease.borrow_mut().as_mut().map(|lease| lease.steal(now_ms(), mark.as_ref()));
        self.take_in(news, LeadNews::Stolen);
    }

    fn look(&self) {
        let news = self.lease.borrow_mut().as_mut().map(|lease| lease.look(now_ms(), mark()));
        self.take_in(news, LeadNews::Granted);
    }

    fn let_go(&self) {
        let mark = mark();
        let free = self.lease.borrow_mut().as_mut().and_then(|lease| lease.let_go(mark.as_ref()));
        if let Some(mark) = free {
            browser::store(MARK_KEY, &mark.to_text());
        }
    }

    fn take_in(&self, news: Option<LeaseNews>, granted: LeadNews) {
        let told = match news {
            None | Some(LeaseNews::Nothing) => return,
            Some(LeaseNews::Write(mark)) => {
                browser::store(MARK_KEY, &mark.to_text());
                return;
            }
            Some(LeaseNews::Granted(mark)) => {
                browser::store(MARK_KEY, &mark.to_text());
                granted
            }
            Some(LeaseNews::Lost) => LeadNews::Lost,
        };
        // Nobody listens any more once the page goes.
        let _ = self.news.unbounded_send(told);
    }
}

fn mark() -> Option<Mark> {
    Mark::parse(&browser::stored(MARK_KEY)?)
}

fn now_ms() -> u64 {
    Date::now() as u64
}
