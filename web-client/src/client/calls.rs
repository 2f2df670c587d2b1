//! Call signalling: `m.call.*` events in and out, always encrypted, and what the server knows about reaching a peer.
//!
//! Knows nothing of calls themselves. Signals are read from the library's event cache of every chat, open or not,
//! because it is the one place that has everything: what came with the sync, what was cut off and fetched later, and
//! what could be decrypted only after its key had arrived.

use std::collections::{HashSet, VecDeque};

use futures_channel::mpsc::unbounded;
use futures_util::{
    FutureExt, StreamExt,
    future::{Either, select},
};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    call::{Received, Signal, signal::Body},
    trouble::Trouble,
};
use js_sys::Date;
use matrix_sdk::{
    Room, RoomState,
    config::RequestConfig,
    deserialized_responses::{TimelineEvent, TimelineEventKind, VerificationLevel, VerificationState},
    event_cache::PaginationStatus,
    room::RoomMember,
    ruma::{
        OwnedRoomId, RoomId, TransactionId, UserId,
        events::{AnyMessageLikeEventContent, room::member::MembershipState},
        serde::Raw,
    },
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};
use wasm_bindgen_futures::spawn_local;

use super::{
    Account,
    http::{self, EXPIRY},
    names::PersonName,
    token,
    trouble::of_sdk,
};
use crate::browser;

/// Signals older than this are history: the timeline shows them, but no call comes of them any more.
const WINDOW_MS: f64 = 300_000.0;
/// The most events of one chat that are looked through at a time.
const MAX_LOOKED_AT: usize = 300;
/// How many chats are looked through when it is not known where something happened.
const MAX_CHATS_AT_ONCE: usize = 20;
/// The most signals remembered as handed out.
const MAX_SEEN: usize = 2_000;
/// How many events a sync brings of a chat that is followed, and of others.
const FOLLOWED_LIMIT: usize = 20;
const OTHER_LIMIT: usize = 2;
/// How many events are fetched when the sync has cut some off, and how often at most.
const PAGE: u16 = 30;
const MAX_PAGES: usize = 3;
/// A page that has not come by then is not waited for.
const PAGE_WITHIN_MS: u32 = 15_000;
/// A signal that the server has not taken by then is given up.
const SEND_WITHIN_MS: f64 = 20_000.0;
/// How long one try may take, and the pause before the next.
const TRY_WITHIN_MS: u32 = 8_000;
const TRY_AGAIN_MS: u32 = 700;
/// The same when the server had asked to go slower.
const TRY_AGAIN_SLOWED_MS: u32 = 2_500;
/// The pauses after tries to declare an expiry.
const EXPIRY_PAUSES_MS: [u32; 5] = [1_000, 5_000, 20_000, 60_000, 120_000];
/// Servers to ask for one's own address are not asked for more often, nor more seldom, whatever the server said.
const MIN_ICE_TTL_MS: f64 = 300_000.0;
const MAX_ICE_TTL_MS: f64 = 86_400_000.0;

/// Servers that tell a browser its address as seen from outside, or relay for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct IceServers {
    /// Such as `stun:chat.example.org:3478`.
    #[serde(default)]
    pub(crate) uris: Vec<String>,
    /// Empty when the servers ask for none.
    #[serde(default)]
    pub(crate) username: String,
    /// Empty when the servers ask for none.
    #[serde(default)]
    pub(crate) password: String,
    /// How long this may be used, in seconds.
    #[serde(default)]
    ttl: u64,
}

/// The servers asked for last, for as long as they may be used.
#[derive(Debug, Default)]
pub(crate) struct KeptServers {
    ice: Option<(IceServers, f64)>,
}

/// What the server says of itself, as far as calls care.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerFacts {
    /// Whether it erases what is declared to expire.
    pub(crate) expires: bool,
    /// How much this browser's clock is ahead of the server's, in milliseconds.
    pub(crate) ahead_ms: f64,
}

impl KeptServers {
    /// The servers kept from the last time, if they may still be used.
    pub(crate) fn kept_ice(&self) -> Option<IceServers> {
        self.ice.as_ref().filter(|(_, until)| Date::now() < *until).map(|(servers, _)| servers.clone())
    }

    /// Keeps servers for as long as they may be used.
    pub(crate) fn keep_ice(&mut self, servers: &IceServers) {
        // A little less than allowed, so that a call started at the end still finds them valid.
        let ttl_ms = (servers.ttl as f64 * 900.0).clamp(MIN_ICE_TTL_MS, MAX_ICE_TTL_MS);
        self.ice = Some((servers.clone(), Date::now() + ttl_ms));
    }
}

/// The signals handed out already, so that each is handed out once.
#[derive(Default)]
struct Seen {
    order: VecDeque<String>,
    ids: HashSet<String>,
}

impl Seen {
    fn is_new(&mut self, id: &str) -> bool {
        if !self.ids.insert(id.to_owned()) {
            return false;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > MAX_SEEN
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

impl Account {
    /// Reports every signal of the last minutes and all to come, in the server's order within a chat as far as they can
    /// be decrypted, for as long as it is polled. `ahead_ms` is how far this browser's clock is ahead of the server's.
    pub(crate) async fn watch_signals(&self, ahead_ms: impl Fn() -> f64, mut report: impl FnMut(Received)) {
        let cache = self.client.event_cache();
        if let Err(error) = cache.subscribe() {
            return browser::warn(&format!("following calls: {error}"));
        }
        let mut updates = cache.subscribe_to_room_generic_updates();
        let mut seen = Seen::default();
        let mut fetching: HashSet<OwnedRoomId> = HashSet::new();
        let (done, mut fetches) = unbounded();
        for room_id in self.recent_chats() {
            for signal in self.new_signals(&room_id, &mut seen, ahead_ms()).await.signals {
                report(signal);
            }
        }
        loop {
            let rooms = futures_util::select! {
                update = updates.recv().fuse() => match update {
                    Ok(update) => vec![update.room_id],
                    // Too much happened at once to be told one by one.
                    Err(error) if is_lagged(&error) => self.recent_chats(),
                    Err(_) => return,
                },
                fetched = fetches.select_next_some() => {
                    fetching.remove(&fetched);
                    vec![fetched]
                },
            };
            for room_id in rooms {
                let found = self.new_signals(&room_id, &mut seen, ahead_ms()).await;
                for signal in found.signals {
                    report(signal);
                }
                // Something recent may lie before what is known: the sync brings only the latest events of a chat.
                if found.may_lack && fetching.insert(room_id.clone()) {
                    // A task of its own: while it waits it holds the lock that reading, here and elsewhere, waits for.
                    let (account, done, ahead_ms) = (self.clone(), done.clone(), ahead_ms());
                    spawn_local(async move {
                        let room_id = account.fetch_recent(room_id, ahead_ms).await;
                        // Nobody listens any more once the account is closed.
                        let _ = done.unbounded_send(room_id);
                    });
                }
            }
        }
    }

    /// The chats in which something happened last.
    fn recent_chats(&self) -> Vec<OwnedRoomId> {
        let mut rooms = self.client.joined_rooms();
        rooms.sort_by_key(|room| std::cmp::Reverse(room.recency_stamp().map(u64::from)));
        rooms.truncate(MAX_CHATS_AT_ONCE);
        rooms.into_iter().map(|room| room.room_id().to_owned()).collect()
    }

    async fn new_signals(&self, room_id: &RoomId, seen: &mut Seen, ahead_ms: f64) -> Found {
        let mut found = Found::default();
        let Some(room) = self.client.get_room(room_id).filter(|room| room.state() == RoomState::Joined) else {
            return found;
        };
        let Ok((cache, _guard)) = room.event_cache().await else { return found };
        let server_now_ms = Date::now() - ahead_ms;
        let mut events: Vec<TimelineEvent> = Vec::new();
        let mut looked_at = 0;
        let ended = cache
            .rfind_map_event_in_memory_by(|event| {
                looked_at += 1;
                if looked_at > MAX_LOOKED_AT || server_now_ms - taken_at_ms(event).unwrap_or(0.0) > WINDOW_MS {
                    return Some(());
                }
                let is_known = event.event_id().is_none_or(|id| seen.ids.contains(id.as_str()));
                if !is_known && signal_kind(event).is_some() {
                    events.push(event.clone());
                }
                None
            })
            .await;
        // All that is known is recent, and as much as a sync brings at most of this chat: something may have been cut off.
        let cut_off = looked_at >= FOLLOWED_LIMIT || (1..=OTHER_LIMIT).contains(&looked_at);
        found.may_lack = matches!(ended, Ok(None)) && cut_off && !is_complete(&room).await;
        for event in events.iter().rev() {
            if event.event_id().is_some_and(|id| seen.is_new(id.as_str()))
                && let Some(signal) = to_received(&room, event, self.user_id(), server_now_ms).await
            {
                found.signals.push(signal);
            }
        }
        drop_finished(&mut found.signals, self.user_id());
        found
    }

    async fn fetch_recent(&self, room_id: OwnedRoomId, ahead_ms: f64) -> OwnedRoomId {
        let fetch = async {
            let Some(room) = self.client.get_room(&room_id) else { return };
            let Ok((cache, _guard)) = room.event_cache().await else { return };
            for _ in 0..MAX_PAGES {
                let Ok(page) = cache.pagination().run_backwards_once(PAGE).await else { return };
                let oldest = page.events.iter().filter_map(taken_at_ms).fold(f64::MAX, f64::min);
                if page.reached_start || page.events.is_empty() || Date::now() - ahead_ms - oldest > WINDOW_MS {
                    return;
                }
            }
        };
        select(Box::pin(fetch), TimeoutFuture::new(PAGE_WITHIN_MS)).await;
        room_id
    }

    /// Sends a signal at once, past the queue of messages, and returns its event id. Tries for some seconds while the
    /// server cannot be reached.
    ///
    /// # Errors
    /// [`Trouble::NotEncrypted`] when the chat is not encrypted; else why the server did not take it.
    pub(crate) async fn send_signal(&self, chat_id: &str, signal: &Signal) -> Result<String, Trouble> {
        let room = self.room(chat_id)?;
        // The same id on every try, so that the server takes the signal once.
        let txn_id = TransactionId::new();
        let give_up_at_ms = Date::now() + SEND_WITHIN_MS;
        loop {
            let trouble = match select(Box::pin(send_once(&room, &txn_id, signal)), TimeoutFuture::new(TRY_WITHIN_MS)).await
            {
                Either::Left((Ok(event_id), _)) => return Ok(event_id),
                Either::Left((Err(trouble), _)) => trouble,
                Either::Right(_) => Trouble::Unreachable,
            };
            let pause_ms = match trouble {
                Trouble::Unreachable | Trouble::Server => TRY_AGAIN_MS,
                Trouble::TooManyTries { .. } => TRY_AGAIN_SLOWED_MS,
                _ => return Err(trouble),
            };
            if Date::now() > give_up_at_ms {
                return Err(trouble);
            }
            TimeoutFuture::new(pause_ms).await;
        }
    }

    /// Leaves a signal to the queue of messages, which sends it once there is a connection: for a farewell that could
    /// not be sent at once.
    pub(crate) async fn queue_signal(&self, chat_id: &str, signal: &Signal) {
        let (Ok(room), Ok(raw)) = (self.room(chat_id), to_raw_value(&signal.to_content())) else { return };
        let content = Raw::<AnyMessageLikeEventContent>::from_json(raw);
        let is_encrypted = room.latest_encryption_state().await.is_ok_and(|state| state.is_encrypted());
        if is_encrypted && let Err(error) = room.send_queue().send_raw(content, signal.event_type().to_owned()).await {
            browser::warn(&format!("queueing a signal: {error}"));
        }
    }

    /// Declares that the server is to erase the content of this event after a time. Tries again for some minutes: what is
    /// not declared stays.
    pub(crate) async fn let_expire(&self, chat_id: &str, event_id: &str, after_ms: u64) {
        let path = format!("/_matrix/client/unstable/{EXPIRY}/rooms/{}/event/{}", escaped(chat_id), escaped(event_id));
        let body = json!({ "expires_after_ms": after_ms });
        for pause_ms in EXPIRY_PAUSES_MS {
            match token::ask(&self.client, http::request(Method::PUT, &path).json(&body)).await {
                Ok((200..300, _)) => return,
                Ok((429 | 500.., _)) | Err(_) => {}
                Ok((status, _)) => return browser::warn(&format!("declaring an expiry: {status}")),
            }
            TimeoutFuture::new(pause_ms).await;
        }
        browser::warn("declaring an expiry: the server cannot be reached");
    }

    /// Asks the server what it can do and what time it has; `None` when it could not be asked.
    pub(crate) async fn ask_for_facts(&self) -> Option<ServerFacts> {
        let before = Date::now();
        let answer = http::request(Method::GET, http::VERSIONS).send().await.ok()?;
        let date = answer.headers().get("date").and_then(|date| date.to_str().ok()).map_or(f64::NAN, Date::parse);
        let ahead_ms = f64::midpoint(before, Date::now()) - (date + 500.0);
        let body: Value = answer.json().await.ok()?;
        let expires = body.get("unstable_features").and_then(|features| features.get(EXPIRY));
        Some(ServerFacts {
            expires: expires.and_then(Value::as_bool).unwrap_or(false),
            // The date has whole seconds: within what it can tell, the clocks agree.
            ahead_ms: if ahead_ms.abs() > 2_000.0 { ahead_ms } else { 0.0 },
        })
    }

    /// Asks for the servers that tell a browser its address
    /// (<https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3voipturnserver>). `None` when that failed: a
    /// call within one network does without.
    pub(crate) async fn ask_for_ice_servers(&self) -> Option<IceServers> {
        let get = http::request(Method::GET, "/_matrix/client/v3/voip/turnServer");
        let (status, body) = token::ask(&self.client, get).await.ok()?;
        if status == 200 { serde_json::from_value(body).ok() } else { None }
    }
}

/// Of a call whose invite came together with its end only the end is handed out, so that what is read anew after a start
/// or a time without a network rings nowhere and answers nothing, whatever is pressed meanwhile.
fn drop_finished(signals: &mut Vec<Received>, own_id: &str) {
    let invited: HashSet<(String, String)> = signals
        .iter()
        .filter(|one| matches!(one.signal.body, Body::Invite(_)))
        .map(|one| (one.signal.call_id.clone(), one.sender.clone()))
        .collect();
    let ends = |one: &Received| match one.signal.body {
        Body::Reject { .. } => true,
        // A device of the called side that goes leaves the others ringing.
        Body::Hangup { .. } => one.sender == own_id || invited.contains(&(one.signal.call_id.clone(), one.sender.clone())),
        Body::Answer { .. } => one.sender == own_id,
        _ => false,
    };
    let is_invited = |one: &Received| invited.iter().any(|(call_id, _)| *call_id == one.signal.call_id);
    let finished: HashSet<String> =
        signals.iter().filter(|one| is_invited(one) && ends(one)).map(|one| one.signal.call_id.clone()).collect();
    signals.retain(|one| !finished.contains(&one.signal.call_id) || ends(one));
}

/// Whether the chat is known from its beginning on.
async fn is_complete(room: &Room) -> bool {
    let Ok((cache, _guard)) = room.event_cache().await else { return true };
    matches!(cache.pagination().status().get(), PaginationStatus::Idle { hit_timeline_start: true })
}

async fn send_once(room: &Room, txn_id: &TransactionId, signal: &Signal) -> Result<String, Trouble> {
    let encryption = room.latest_encryption_state().await.map_err(|error| of_sdk(&error))?;
    // Of all types the library would send reactions in the clear, and everything where the chat is not encrypted.
    if !encryption.is_encrypted() || !Signal::is_call_type(signal.event_type()) {
        return Err(Trouble::NotEncrypted);
    }
    let sent = room
        .send_raw(signal.event_type(), signal.to_content())
        .with_transaction_id(txn_id)
        .with_request_config(RequestConfig::new().disable_retry())
        .await;
    sent.map(|sent| sent.response.event_id.to_string()).map_err(|error| of_sdk(&error))
}

/// What may be acted upon: a signal that can be read, with what the machine has to know of its sender.
async fn to_received(room: &Room, event: &TimelineEvent, own_id: &str, server_now_ms: f64) -> Option<Received> {
    let kind = signal_kind(event)?;
    let sender = event.sender()?;
    let content: Box<RawValue> = event.raw().get_field("content").ok().flatten()?;
    let signal = Signal::parse(&kind, content.get()).ok()?;
    // The server keeps back what the blocked say, once it knows of it.
    if room.client().is_user_ignored(&sender).await {
        return None;
    }
    let member = member(room, &sender).await;
    Some(Received {
        event_id: event.event_id()?.to_string(),
        room_id: room.room_id().to_string(),
        sender_name: PersonName::new(member.as_ref().and_then(|member| member.display_name()), sender.as_str()).shown,
        sender_joined: sender == own_id || member.is_some_and(|member| *member.membership() == MembershipState::Join),
        sender: sender.to_string(),
        age_ms: (server_now_ms - taken_at_ms(event)?).max(0.0) as u64,
        taken_at_ms: taken_at_ms(event)? as u64,
        signal,
    })
}

/// What a look through a chat has found.
#[derive(Default)]
struct Found {
    /// Oldest first.
    signals: Vec<Received>,
    /// Whether something recent may lie before the oldest event known.
    may_lack: bool,
}

pub(super) fn is_lagged<E: std::fmt::Display>(error: &E) -> bool {
    // The library does not re-export the channel's error; its words are all there is to tell the two cases apart.
    error.to_string().contains("lagged")
}

/// When the server took the event, in milliseconds since the Unix epoch.
fn taken_at_ms(event: &TimelineEvent) -> Option<f64> {
    event.timestamp_raw().map(|at| u64::from(at.get()) as f64)
}

/// The type of a signal that came encrypted by the person it names; `None` for everything else.
pub(super) fn signal_kind(event: &TimelineEvent) -> Option<String> {
    let TimelineEventKind::Decrypted(decrypted) = &event.kind else { return None };
    let mismatched = VerificationState::Unverified(VerificationLevel::MismatchedSender);
    if decrypted.encryption_info.verification_state == mismatched {
        return None;
    }
    let kind: String = event.raw().get_field("type").ok().flatten()?;
    Signal::is_call_type(&kind).then_some(kind)
}

async fn member(room: &Room, user_id: &UserId) -> Option<RoomMember> {
    match room.get_member_no_sync(user_id).await.ok().flatten() {
        Some(member) => Some(member),
        None => room.get_member(user_id).await.ok().flatten(),
    }
}

/// Room and event ids as one segment of a path.
fn escaped(id: &str) -> String {
    String::from(js_sys::encode_uri_component(id))
}
