//! Where the reader stands in a chat: which rows are on the page, what is fetched, and where it opens.

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    conversation::{ConversationChange, Paging, Row, Window, line_key, message_by_id},
    trouble::Trouble,
};

use super::row::LINE_ID;
use crate::{
    browser::{self, Anchor},
    client::{OpenConversation, PAGE},
    screens::workspace::{Desk, OpenChat, set_if_new},
};

/// The id of the scroller.
pub(super) const LOG_ID: &str = "log";
/// More rows come when the reader is closer than this to an edge.
const NEAR_PX: i32 = 600;
/// Further than this from the end, the way back is offered.
const FAR_FROM_END_PX: i32 = 300;
/// Closer than this to the end, the newest message is on the screen.
const AT_END_WITHIN_PX: i32 = 48;
/// How many pages of older messages are looked through for the beginning of what is new.
const MAX_OPENING_PAGES: u32 = 25;
/// How long after a page its rows are there at the latest.
const PAGE_ARRIVES_MS: u32 = 50;

/// Shows the newest messages.
pub(super) fn to_newest(open: OpenChat) {
    let mut window = open.window;
    if !window.peek().is_newest(&open.rows.peek()) {
        window.set(Window::default());
    }
    browser::scroll_to_end(LOG_ID);
}

/// Brings a row onto the page, after the next rendering; whether it was not there before.
pub(super) fn reach(open: OpenChat, key: &str) -> bool {
    step(open, |window, rows| window.reach(rows, key))
}

/// Where the reader stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Whether the way back to the newest message is offered.
    pub(super) far: Signal<bool>,
    /// Why older messages did not come.
    pub(super) trouble: Signal<Option<Trouble>>,
    /// The reader has moved.
    pub(super) measure: Callback<()>,
    /// Older messages are asked for again.
    pub(super) retry: Callback<()>,
    /// Back to the newest message.
    pub(super) newest: Callback<()>,
}

/// How far a chat that is being opened has got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// What is new may begin further up.
    Seeking,
    /// It does not, or was not found.
    Here,
    /// The reader stands where the chat opens.
    Done,
}

/// Follows where the reader stands: brings rows onto the page near its edges, fetches older messages, and knows when the
/// end is on the screen. Opens the chat where its news begin.
pub(super) fn use_place(open: OpenChat, line: Signal<bool>, at_end: Signal<bool>) -> Place {
    let desk = use_context::<Desk>();
    let far = use_signal(|| false);
    let busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let mut opening = use_opening(open);
    let mut anchor = use_hook(|| CopyValue::new(None::<Anchor>));
    let fetch = use_callback(move |()| fetch_older(open, busy, trouble));
    let measure = use_callback(move |()| {
        let Some((above, below)) = browser::scroll_room(LOG_ID) else { return };
        let has_newest = open.window.peek().is_newest(&open.rows.peek());
        let is_at_end = has_newest && below <= AT_END_WITHIN_PX;
        set_if_new(far, !has_newest || below > FAR_FROM_END_PX);
        set_if_new(at_end, is_at_end && *opening.peek() == Opening::Done);
        anchor.set(if is_at_end { None } else { Anchor::take(LOG_ID) });
        if above < NEAR_PX && *opening.peek() != Opening::Seeking {
            if !step(open, Window::older) && trouble.peek().is_none() {
                fetch.call(());
            }
        } else if below < NEAR_PX && !has_newest {
            step(open, Window::newer);
        }
    });
    let retry = use_callback(move |()| {
        trouble.set(None);
        fetch.call(());
    });
    let newest = use_callback(move |()| {
        opening.set(Opening::Done);
        to_newest(open);
    });
    use_drop(move || {
        let mut window = open.window;
        window.set(Window::default());
    });
    // After every change: what stood on the screen stands there still, and a log that does not fill its pane fetches on.
    use_effect(move || {
        let _ = (open.rows.read(), open.window.read(), busy());
        if opening() != Opening::Done {
            if opens_here(open, opening(), desk, line) {
                opening.set(Opening::Done);
            }
        } else if let Some(anchor) = &*anchor.peek()
            && !stands_at_end(open)
        {
            anchor.restore(LOG_ID);
        }
        measure.call(());
    });
    Place { far, trouble, measure, retry, newest }
}

/// Looks for the beginning of what is new, page by page.
fn use_opening(open: OpenChat) -> Signal<Opening> {
    let mut opening = use_signal(|| Opening::Seeking);
    use_future(move || async move {
        let handle = open.handle.peek().clone();
        if let Some(handle) = handle {
            seek(open, &handle, opening).await;
        }
        if *opening.peek() == Opening::Seeking {
            opening.set(Opening::Here);
        }
    });
    opening
}

async fn seek(open: OpenChat, handle: &OpenConversation, opening: Signal<Opening>) {
    let (unread, Some(read)) = handle.unread().await else { return };
    for _ in 0..MAX_OPENING_PAGES {
        let is_there = is_there(open, &read) || *open.paging.peek() == Paging::AtStart;
        // Rows that are no messages are not counted, so one page more than these is looked through.
        let is_past = open.rows.peek().len() as u64 > unread + u64::from(PAGE);
        if unread == 0 || is_there || is_past || *opening.peek() == Opening::Done || handle.page_back().await.is_err() {
            return;
        }
        // The rows of a page come a moment after it.
        TimeoutFuture::new(PAGE_ARRIVES_MS).await;
    }
}

/// Whether the line above what is new is among the rows, or no line will come: all of it was read.
fn is_there(open: OpenChat, read: &str) -> bool {
    let rows = open.rows.peek();
    line_key(&rows).is_some() || message_by_id(&rows, read).is_some()
}

/// Takes the reader to the line above what is new, once it is on the page; whether the chat is open then.
fn opens_here(open: OpenChat, opening: Opening, desk: Desk, mut line: Signal<bool>) -> bool {
    let rows = open.rows.peek();
    let Some(key) = line_key(&rows) else { return opening == Opening::Here && !rows.is_empty() };
    if !(desk.attended)() {
        return true;
    }
    if !line() {
        line.set(true);
        return false;
    }
    if reach(open, key) {
        return false;
    }
    if browser::is_above(LINE_ID, LOG_ID) {
        browser::scroll_to(LINE_ID);
    }
    true
}

fn stands_at_end(open: OpenChat) -> bool {
    let is_near = browser::scroll_room(LOG_ID).is_some_and(|(_, below)| below <= AT_END_WITHIN_PX);
    is_near && open.window.peek().is_newest(&open.rows.peek())
}

/// Moves the window; false when there is nothing further.
fn step(open: OpenChat, towards: impl FnOnce(&mut Window, &[Row]) -> bool) -> bool {
    let mut moved = open.window.peek().clone();
    let has_moved = towards(&mut moved, &open.rows.peek());
    if has_moved {
        let mut window = open.window;
        window.set(moved);
    }
    has_moved
}

fn fetch_older(open: OpenChat, mut busy: Signal<bool>, mut trouble: Signal<Option<Trouble>>) {
    let at_start = *open.paging.peek() == Paging::AtStart;
    let Some(handle) = open.handle.peek().clone() else { return };
    if at_start || *busy.peek() {
        return;
    }
    busy.set(true);
    spawn(async move {
        match handle.page_back().await {
            // Not left to the timeline to tell, which may be on its way out: asking on would then never end.
            Ok(true) => open.take_in(ConversationChange::Paging(Paging::AtStart)),
            Ok(false) => {}
            Err(found) => trouble.set(Some(found)),
        }
        busy.set(false);
    });
}
