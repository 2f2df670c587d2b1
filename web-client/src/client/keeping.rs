//! Nothing that was told is lost when the page ends. The library notes how far it has heard (`pos`) before its cache of events
//! has written down what it heard: a page that ends in between would never be told of it again, and never show it. So there
//! is a mark for as long as something is unwritten, and a page that finds one asks the server afresh.

use std::pin::pin;

use futures_util::{
    FutureExt,
    future::{Either, select},
    select_biased,
};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::keeping::Unkept;
use matrix_sdk::{
    Client,
    ruma::{EventId, RoomId},
    sync::RoomUpdates,
};
use matrix_sdk_base::event_cache::store::EventCacheStoreLockState as State;

use super::{Account, calls::is_lagged};
use crate::browser;

/// Names the page that has heard of something and has not written it down.
const MARK_KEY: &str = "hearth.unkept";
/// How long what is written is gathered before it is looked at.
const GATHER_MS: u32 = 300;
/// How often it is looked at when nothing says that something was written.
const AGAIN_MS: u32 = 5_000;

/// The mark of this page. Another page that has taken over since has one of its own, which stays.
struct Mark {
    own: String,
    is_set: bool,
}

impl Account {
    /// Has the server tell everything afresh if the page before ended with something unwritten. The sync must not run.
    pub(super) async fn make_up_for_the_page_before(&self) {
        if browser::stored(MARK_KEY).is_some() {
            self.sync.expire_sessions().await;
            browser::unstore(MARK_KEY);
        }
    }

    /// Marks what is told from this call on until it is written. Ends only with the library.
    pub(super) fn mark_what_is_unkept(&self) -> impl Future<Output = ()> + use<> {
        let client = self.client.clone();
        let mut told = client.subscribe_to_all_room_updates();
        let mut written = client.event_cache().subscribe_to_room_generic_updates();
        async move {
            let mut mark = Mark { own: format!("{:x}", browser::random()), is_set: false };
            let mut unkept = Unkept::default();
            loop {
                let is_waiting = !unkept.pending().is_empty();
                select_biased! {
                    news = told.recv().fuse() => match news {
                        Ok(updates) => hear(&mut unkept, &updates),
                        Err(error) if is_lagged(&error) => unkept.missed(),
                        Err(_) => return,
                    },
                    () = written_or_late(written.recv(), is_waiting).fuse() => look(&client, &mut unkept).await,
                }
                mark.show(!unkept.is_empty());
            }
        }
    }
}

impl Mark {
    fn show(&mut self, is_wanted: bool) {
        if is_wanted == self.is_set {
            return;
        }
        self.is_set = is_wanted;
        if is_wanted {
            browser::store(MARK_KEY, &self.own);
        } else if browser::stored(MARK_KEY).as_ref() == Some(&self.own) {
            browser::unstore(MARK_KEY);
        }
    }
}

fn hear(unkept: &mut Unkept, updates: &RoomUpdates) {
    let left = updates.left.iter().map(|(room, update)| (room, &update.timeline));
    let joined = updates.joined.iter().map(|(room, update)| (room, &update.timeline));
    for (room, timeline) in left.chain(joined) {
        if let Some(event) = timeline.events.iter().rev().find_map(|event| event.event_id()) {
            unkept.told(room.as_str(), event.as_str());
        }
    }
}

/// Takes off what is in the database by now, whatever the library has in its memory.
async fn look(client: &Client, unkept: &mut Unkept) {
    // Whether another page wrote to it meanwhile makes no difference here.
    let Ok(State::Clean(store) | State::Dirty(store)) = client.event_cache_store().lock().await else { return };
    for (room, event) in unkept.pending() {
        let (Ok(room_id), Ok(event_id)) = (RoomId::parse(&room), EventId::parse(&event)) else { continue };
        if !matches!(store.find_event(&room_id, &event_id).await, Ok(Some(_))) {
            // What comes after it is not written either: with hundreds of chats all of them would be asked for again and again.
            return;
        }
        unkept.kept(&room, &event);
    }
}

/// Returns a little after something was `written`, or when that was not heard of for a while; never if nothing `is_waiting`.
async fn written_or_late<T>(written: impl Future<Output = T>, is_waiting: bool) {
    if !is_waiting {
        return std::future::pending().await;
    }
    if let Either::Left(_) = select(pin!(written), TimeoutFuture::new(AGAIN_MS)).await {
        TimeoutFuture::new(GATHER_MS).await;
    }
}
