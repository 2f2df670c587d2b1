//! The driver of calls: it steps the machine of `hearth_web_state::call` and runs the effects on the browser and the
//! chat. One effect is one operation, one operation is one report back; what it means is the machine's business.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    rc::Rc,
};

use dioxus::{
    core::{Task, spawn_forever},
    prelude::*,
};
use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::call::{
    BrowserRefused, CallEffect, CallInput, CallState, CallView, CaptureError, Device, LeftOver, Me, MediaId, PeerId, Phase,
    Settings, Slot, Ticket, Tone, signal::SdpKind,
};
use wasm_split_helpers::SplitLoaderError;
use web_sys::MediaStream;

use super::{
    drive::{Begun, Drive, Shown, chosen, now_ms},
    media,
    outlet::Outlet,
    own::OwnMedia,
    peer::{Peer, Work},
    post::Post,
    reports::Reports,
    tones::Tones,
};
use crate::{
    browser,
    client::{Account, KeptServers},
};

/// Remembers the call that is going on, so that the other side can be told if the page goes away under it.
const LEFT_OVER: &str = "hearth.call";
/// Shortens how long a call rings, in milliseconds; for tests.
const RING_MS: &str = "hearth.call-ring-ms";
/// Opens the calls of an account.
type Begin = fn(Account, Shown) -> Begun;

/// Loads what is behind calls. It is the larger half of them, and nothing before the first chat needs it.
#[wasm_split_helpers::wasm_split(call, fallible)]
pub(super) fn load_driver() -> Result<Begin, SplitLoaderError> {
    Ok(begin)
}

fn begin(account: Account, shown: Shown) -> Begun {
    let (driver, reported) = Driver::new(account, shown);
    Begun { drive: Rc::new(driver.clone()), running: Box::pin(driver.run(reported)) }
}

/// Calls of one account. Cloning shares them.
#[derive(Clone)]
struct Driver {
    shown: Shown,
    inner: Rc<Inner>,
}

struct Inner {
    account: Account,
    state: RefCell<CallState>,
    /// Inputs that came while the machine was being stepped.
    waiting: RefCell<VecDeque<CallInput>>,
    is_stepping: Cell<bool>,
    /// The time of the last step; the machine's clock does not go back, whatever is done to the system's.
    stepped_at_ms: Cell<u64>,
    reports: Reports,
    server: RefCell<KeptServers>,
    knows_server: Cell<bool>,
    /// How much this browser's clock is ahead of the server's.
    ahead_ms: Cell<f64>,
    timer: RefCell<Option<(u64, Task)>>,
    left_over: RefCell<Option<LeftOver>>,
    peers: RefCell<HashMap<PeerId, Peer>>,
    media: OwnMedia,
    remote: Rc<RefCell<HashMap<String, MediaStream>>>,
    outlet: Outlet,
    post: Post,
    tones: Tones,
    /// Whether leaving the page has to be asked about.
    is_live: Rc<Cell<bool>>,
}

impl Driver {
    /// Returns what [`Driver::run`] has to be given as well.
    fn new(account: Account, shown: Shown) -> (Self, UnboundedReceiver<CallInput>) {
        let (reports, reported) = unbounded();
        let me = Me { user_id: account.user_id().to_owned(), party_id: account.device_id().to_owned() };
        let ring_ms = browser::stored(RING_MS).and_then(|text| text.parse::<u64>().ok());
        let defaults = Settings::default();
        let ring_ms = ring_ms.map_or(defaults.ring_ms, |ms| ms.clamp(1_000, defaults.ring_ms));
        let settings = Settings { can_connect: shown.can_connect, ring_ms, ..defaults };
        let inner = Inner {
            state: RefCell::new(CallState::new(me, settings)),
            waiting: RefCell::default(),
            is_stepping: Cell::new(false),
            stepped_at_ms: Cell::new(0),
            server: RefCell::default(),
            knows_server: Cell::new(false),
            ahead_ms: Cell::new(0.0),
            timer: RefCell::default(),
            left_over: RefCell::default(),
            peers: RefCell::default(),
            media: OwnMedia::default(),
            remote: Rc::default(),
            outlet: Outlet::default(),
            post: Post::new(account.clone(), reports.clone()),
            tones: Tones::default(),
            is_live: Rc::default(),
            account,
            reports,
        };
        let driver = Self { shown, inner: Rc::new(inner) };
        browser::ask_before_leaving(Rc::clone(&driver.inner.is_live));
        let inner = Rc::clone(&driver.inner);
        browser::on_leaving(move || inner.leave());
        (driver, reported)
    }

    /// Follows the chats and the browser, for as long as it is polled.
    async fn run(self, mut reported: UnboundedReceiver<CallInput>) {
        self.restore();
        // The server's clock tells a call that rings from one that has rung; but a server out of reach is not waited for.
        let asked = Box::pin(self.ask_for_facts());
        futures_util::future::select(asked, TimeoutFuture::new(FACTS_WITHIN_MS)).await;
        let inner = Rc::clone(&self.inner);
        let ahead_ms = move || inner.ahead_ms.get();
        let reports = self.inner.reports.clone();
        let signals = self.inner.account.watch_signals(ahead_ms, |received| {
            // The other end is polled right here.
            let _ = reports.unbounded_send(CallInput::Received(received));
        });
        let steps = async {
            while let Some(input) = reported.next().await {
                self.step(input);
            }
        };
        futures_util::join!(signals, steps, self.keep_servers());
    }

    /// Takes up what the last visit left: the devices chosen, and a call that was going on.
    fn restore(&self) {
        for device in [Device::Microphone, Device::Camera, Device::Speaker] {
            if let Some(device_id) = chosen(device) {
                self.step(CallInput::Choose { device, device_id });
            }
        }
        let left_over = browser::stored(LEFT_OVER).and_then(|text| serde_json::from_str::<LeftOver>(&text).ok());
        browser::unstore(LEFT_OVER);
        if let Some(left_over) = left_over {
            self.step(CallInput::FoundLeftOver(left_over));
        }
    }

    async fn ask_for_facts(&self) {
        if let Some(facts) = self.inner.account.ask_for_facts().await {
            self.inner.ahead_ms.set(facts.ahead_ms);
            self.inner.post.set_expires(facts.expires);
            self.inner.knows_server.set(true);
        }
    }

    /// Has servers at hand before the first call, so that no call waits for them.
    async fn keep_servers(&self) {
        loop {
            if !self.inner.knows_server.get() && !self.inner.account.is_away() {
                self.ask_for_facts().await;
            }
            if !self.inner.account.is_away()
                && self.inner.server.borrow().kept_ice().is_none()
                && let Some(servers) = self.inner.account.ask_for_ice_servers().await
            {
                self.inner.server.borrow_mut().keep_ice(&servers);
            }
            TimeoutFuture::new(60_000).await;
        }
    }

    /// After a step: what is shown, when to step next, and what to remember.
    fn settle(&self) {
        let (view, deadline_ms) = {
            let state = self.inner.state.borrow();
            (state.view(), state.deadline_ms())
        };
        self.shown.has_keys.set(view.as_ref().is_some_and(CallView::is_live));
        self.inner.is_live.set(view.as_ref().is_some_and(|view| view.is_live() && view.phase != Phase::Ringing));
        let mut shown = self.shown.view;
        if *shown.peek() != view {
            shown.set(view);
        }
        self.set_timer(deadline_ms);
        self.inner.remember();
    }

    fn set_timer(&self, deadline_ms: Option<u64>) {
        let mut timer = self.inner.timer.borrow_mut();
        if timer.as_ref().map(|(at_ms, _)| *at_ms) == deadline_ms {
            return;
        }
        if let Some((_, task)) = timer.take() {
            task.cancel();
        }
        *timer = deadline_ms.map(|at_ms| {
            let inner = Rc::clone(&self.inner);
            let wait_ms = u32::try_from(at_ms.saturating_sub(now_ms())).unwrap_or(u32::MAX).min(MAX_WAIT_MS);
            let task = spawn_forever(async move {
                TimeoutFuture::new(wait_ms).await;
                inner.timer.borrow_mut().take();
                inner.report(CallInput::Tick);
            });
            (at_ms, task)
        });
    }

    fn effect(&self, effect: CallEffect) {
        let inner = &self.inner;
        match effect {
            CallEffect::Capture { ticket, microphone, camera } => {
                let driver = self.clone();
                spawn_forever(async move {
                    let slots: Vec<Slot> =
                        [microphone.as_ref().map(|_| Slot::Microphone), camera.as_ref().map(|_| Slot::Camera)]
                            .into_iter()
                            .flatten()
                            .collect();
                    let given = media::capture(microphone, camera).await;
                    driver.captured(ticket, given, &slots);
                });
            }
            CallEffect::CaptureScreen { ticket } => {
                let driver = self.clone();
                spawn_forever(async move { driver.captured(ticket, media::capture_screen().await, &[Slot::Screen]) });
            }
            CallEffect::Release { media } => inner.media.release(media),
            CallEffect::Enable { media, on } => {
                for track in self.own_stream(media).as_ref().map(media::tracks).unwrap_or_default() {
                    track.set_enabled(on);
                }
            }
            CallEffect::OpenPeer { peer } => self.open_peer(peer),
            CallEffect::ClosePeer { peer } => {
                inner.peers.borrow_mut().remove(&peer);
                inner.outlet.clear();
                inner.remote.borrow_mut().clear();
                self.streams_changed();
            }
            CallEffect::Attach { peer, media } => {
                if let Some(stream) = self.own_stream(media) {
                    self.ask(peer, Work::Attach(media.slot, stream));
                }
            }
            CallEffect::Detach { peer, slot } => self.ask(peer, Work::Detach(slot)),
            CallEffect::Offer { ticket, peer, gather_ms } => {
                self.ask(peer, Work::Describe(ticket, SdpKind::Offer, gather_ms))
            }
            CallEffect::Answer { ticket, peer, gather_ms } => {
                self.ask(peer, Work::Describe(ticket, SdpKind::Answer, gather_ms))
            }
            CallEffect::SetRemote { ticket, peer, kind, sdp } => self.ask(peer, Work::SetRemote(ticket, kind, sdp)),
            CallEffect::AddCandidates { peer, candidates } => self.ask(peer, Work::AddCandidates(candidates)),
            CallEffect::RestartIce { peer } => self.ask(peer, Work::RestartIce),
            CallEffect::UseSpeaker { device_id } => inner.outlet.use_speaker(&device_id),
            CallEffect::Send { ticket, room_id, signal, expires_after_ms } => {
                inner.post.send(ticket, &room_id, *signal, expires_after_ms);
            }
            CallEffect::Play(tone) => {
                let is_undisturbed = browser::wishes().is_some_and(|wishes| wishes.is_undisturbed);
                inner.tones.play(if is_undisturbed && tone == Tone::Ring { Tone::Silence } else { tone });
            }
        }
    }

    /// What is asked of a connection that could not be opened, or is closed, is refused at once.
    fn ask(&self, peer: PeerId, work: Work) {
        match (self.inner.peers.borrow().get(&peer), work) {
            (Some(peer), work) => peer.ask(work),
            (None, Work::Describe(ticket, ..)) => {
                self.inner.report(CallInput::Described { ticket, result: Err(BrowserRefused) });
            }
            (None, Work::SetRemote(ticket, ..)) => {
                self.inner.report(CallInput::RemoteSet { ticket, result: Err(BrowserRefused) });
            }
            (None, _) => {}
        }
    }

    fn open_peer(&self, id: PeerId) {
        let inner = &self.inner;
        let kept = inner.server.borrow().kept_ice();
        let driver = self.clone();
        let opened = Peer::open(id, kept.as_ref(), inner.reports.clone(), move |stream| driver.came(&stream));
        let Ok(peer) = opened else {
            // Without a connection every further step of it is refused, which the machine is told at the first.
            return;
        };
        if kept.is_none() {
            let account = inner.account.clone();
            peer.ask(Work::Servers(Box::pin(async move {
                let asked = Box::pin(account.ask_for_ice_servers());
                match futures_util::future::select(asked, TimeoutFuture::new(SERVERS_WITHIN_MS)).await {
                    futures_util::future::Either::Left((servers, _)) => servers,
                    futures_util::future::Either::Right(_) => None,
                }
            })));
        }
        inner.peers.borrow_mut().insert(id, peer);
    }

    /// A stream of the other side came, or got another track. Called by the browser, outside of any rendering.
    fn came(&self, stream: &MediaStream) {
        self.inner.remote.borrow_mut().insert(stream.id(), Clone::clone(stream));
        self.inner.outlet.play(stream);
    }

    fn streams_changed(&self) {
        let mut streams = self.shown.streams;
        streams += 1;
    }

    fn captured(&self, ticket: Ticket, given: Result<MediaStream, CaptureError>, slots: &[Slot]) {
        let result = given.map(|stream| self.inner.media.keep(ticket, &stream, slots, &self.inner.reports));
        self.step(CallInput::Captured { ticket, result });
    }
}

impl Drive for Driver {
    fn step(&self, input: CallInput) {
        self.inner.waiting.borrow_mut().push_back(input);
        if self.inner.is_stepping.replace(true) {
            return;
        }
        loop {
            let Some(input) = self.inner.waiting.borrow_mut().pop_front() else { break };
            if matches!(input, CallInput::RemoteTrack { .. }) {
                self.streams_changed();
            }
            let effects = self.inner.state.borrow_mut().step(self.inner.clock(), input);
            for effect in effects {
                self.effect(effect);
            }
        }
        self.inner.is_stepping.set(false);
        self.settle();
    }

    fn device(&self, slot: Slot) -> Option<String> {
        self.inner.media.device_id(slot)
    }

    fn own_stream(&self, media: MediaId) -> Option<MediaStream> {
        self.inner.media.stream(media)
    }

    fn remote_stream(&self, id: &str) -> Option<MediaStream> {
        self.inner.remote.borrow().get(id).cloned()
    }

    fn close(&self) {
        self.step(CallInput::HangUp);
        self.inner.let_go();
        self.inner.peers.borrow_mut().clear();
        self.inner.outlet.clear();
        self.inner.tones.stop();
        self.inner.is_live.set(false);
        self.shown.has_keys.set(false);
    }
}

impl Inner {
    fn clock(&self) -> u64 {
        self.stepped_at_ms.set(now_ms().max(self.stepped_at_ms.get()));
        self.stepped_at_ms.get()
    }

    /// The page goes away. Nothing can be sent any more, but a connection that is closed tells the other side, and what its last
    /// word would have been is kept for the next start. Should the page be shown again, out of the browser's memory, it finds
    /// the call over.
    fn leave(&self) {
        self.remember();
        self.let_go();
        self.report(CallInput::PageClosed);
    }

    /// Closes all connections and gives all devices back.
    fn let_go(&self) {
        self.peers.borrow().values().for_each(Peer::close);
        self.media.stop();
    }

    /// Keeps what the next start has to tell, should the page go away now.
    fn remember(&self) {
        let left_over = self.state.borrow().left_over(self.clock());
        if *self.left_over.borrow() == left_over {
            return;
        }
        match left_over.as_ref().and_then(|left_over| serde_json::to_string(left_over).ok()) {
            Some(text) => {
                browser::store(LEFT_OVER, &text);
            }
            None => browser::unstore(LEFT_OVER),
        }
        self.left_over.replace(left_over);
    }

    fn report(&self, input: CallInput) {
        // Nobody listens any more once the account is closed.
        let _ = self.reports.unbounded_send(input);
    }
}

/// The longest wait in one go; browsers take no longer ones.
const MAX_WAIT_MS: u32 = 3_600_000;
/// A connection does not wait longer for servers it could do without.
const SERVERS_WITHIN_MS: u32 = 1_500;
/// Nor does the first look for signals wait longer for the server's clock.
const FACTS_WITHIN_MS: u32 = 3_000;
