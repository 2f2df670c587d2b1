//! What outlives a single call: who one is, numbers for effects, chosen devices, and short memories.
//!
//! All memories are bounded and forget their oldest entry first.

use std::collections::{BTreeMap, VecDeque};

use super::{
    CallEffect, LeftOver, Me, Settings, Signal, Slot, Ticket, Tone, Wanted,
    input::{Device, PeerId},
    signal::{Body, Candidate, MAX_CANDIDATES},
};

const MAX_OVER: usize = 128;
const MAX_SEEN: usize = 256;
const MAX_EARLY_CALLS: usize = 8;
const MAX_EARLY_CANDIDATES: usize = 2 * MAX_CANDIDATES;

/// What outlives a single call.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) me: Me,
    pub(super) settings: Settings,
    /// The time of the first step.
    pub(super) started_ms: Option<u64>,
    next_ticket: u64,
    next_peer: u32,
    tone: Tone,
    /// Calls that are over or not for this device: nothing of them counts any more.
    over: VecDeque<(String, String)>,
    seen: VecDeque<String>,
    /// The last word of a call that is on its way, and what the next start sends in its place if the page goes away before.
    pub(super) farewell: Option<(Ticket, LeftOver)>,
    early: VecDeque<Early>,
    /// Captures the browser has not answered yet, of ended calls too: what they bring late is released.
    captures: BTreeMap<Ticket, Vec<Slot>>,
    microphone_id: Option<String>,
    camera_id: Option<String>,
}

/// Candidates that came before their invite.
#[derive(Clone, Debug)]
struct Early {
    call_id: String,
    sender: String,
    party_id: String,
    candidates: Vec<Candidate>,
}

impl Desk {
    pub(super) fn new(me: Me, settings: Settings) -> Self {
        Self {
            me,
            settings,
            started_ms: None,
            next_ticket: 0,
            next_peer: 0,
            tone: Tone::Silence,
            over: VecDeque::new(),
            seen: VecDeque::new(),
            farewell: None,
            early: VecDeque::new(),
            captures: BTreeMap::new(),
            microphone_id: None,
            camera_id: None,
        }
    }

    /// Notes an event id; `false` if it was there already.
    pub(super) fn is_new(&mut self, event_id: &str) -> bool {
        if self.seen.iter().any(|seen| seen == event_id) {
            return false;
        }
        remember(&mut self.seen, MAX_SEEN, event_id.to_owned());
        true
    }

    pub(super) fn is_over(&self, room_id: &str, call_id: &str) -> bool {
        self.over.iter().any(|(room, call)| room == room_id && call == call_id)
    }

    pub(super) fn set_over(&mut self, room_id: &str, call_id: &str) {
        self.early.retain(|early| early.call_id != call_id);
        if !self.is_over(room_id, call_id) {
            remember(&mut self.over, MAX_OVER, (room_id.to_owned(), call_id.to_owned()));
        }
    }

    pub(super) fn keep_early(&mut self, sender: &str, signal: &Signal, candidates: Vec<Candidate>) {
        let same = |early: &&mut Early| {
            early.call_id == signal.call_id && early.sender == sender && early.party_id == signal.party_id
        };
        if let Some(early) = self.early.iter_mut().find(same) {
            early.candidates.extend(candidates);
            early.candidates.truncate(MAX_EARLY_CANDIDATES);
            return;
        }
        let (call_id, party_id) = (signal.call_id.clone(), signal.party_id.clone());
        remember(&mut self.early, MAX_EARLY_CALLS, Early { call_id, sender: sender.to_owned(), party_id, candidates });
    }

    /// The candidates that came before the call was known, with the party each came from.
    pub(super) fn take_early(&mut self, sender: &str, call_id: &str) -> Vec<(String, Vec<Candidate>)> {
        let (found, kept) =
            self.early.drain(..).partition::<VecDeque<_>, _>(|early| early.call_id == call_id && early.sender == sender);
        self.early = kept;
        found.into_iter().map(|early| (early.party_id, early.candidates)).collect()
    }

    pub(super) fn choose(&mut self, device: Device, device_id: Option<String>) {
        match device {
            Device::Microphone => self.microphone_id = device_id,
            Device::Camera => self.camera_id = device_id,
            Device::Speaker => {}
        }
    }

    /// Which slots an outstanding capture was for; each capture is answered once.
    pub(super) fn answered_capture(&mut self, ticket: Ticket) -> Option<Vec<Slot>> {
        self.captures.remove(&ticket)
    }
}

fn remember<T>(memory: &mut VecDeque<T>, max: usize, value: T) {
    if memory.len() >= max {
        memory.pop_front();
    }
    memory.push_back(value);
}

/// One step under way: the desk, the time, and the effects so far.
pub(super) struct Turn<'a> {
    pub(super) desk: &'a mut Desk,
    pub(super) now_ms: u64,
    pub(super) effects: Vec<CallEffect>,
}

impl Turn<'_> {
    pub(super) fn push(&mut self, effect: CallEffect) {
        self.effects.push(effect);
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.desk.next_ticket += 1;
        Ticket(self.desk.next_ticket)
    }

    pub(super) fn open_peer(&mut self) -> PeerId {
        self.desk.next_peer += 1;
        let peer = PeerId(self.desk.next_peer);
        self.push(CallEffect::OpenPeer { peer });
        peer
    }

    pub(super) fn play(&mut self, tone: Tone) {
        if tone != self.desk.tone {
            self.push(CallEffect::Play(tone));
            // A tone that plays once leaves silence behind.
            self.desk.tone = if matches!(tone, Tone::Busy | Tone::Over) { Tone::Silence } else { tone };
        }
    }

    pub(super) fn send(&mut self, room_id: &str, call_id: &str, body: Body) -> Ticket {
        let ticket = self.ticket();
        let signal = Signal { call_id: call_id.to_owned(), party_id: self.desk.me.party_id.clone(), body };
        let expires_after_ms = signal.is_ephemeral().then_some(self.desk.settings.signal_kept_ms);
        let room_id = room_id.to_owned();
        self.push(CallEffect::Send { ticket, room_id, signal: Box::new(signal), expires_after_ms });
        ticket
    }

    /// Asks for microphone, camera or both.
    pub(super) fn capture(&mut self, microphone: bool, camera: bool) -> Ticket {
        let ticket = self.ticket();
        let slots = [(microphone, Slot::Microphone), (camera, Slot::Camera)];
        self.desk.captures.insert(ticket, slots.into_iter().filter_map(|(on, slot)| on.then_some(slot)).collect());
        let microphone = microphone.then(|| Wanted { device_id: self.desk.microphone_id.clone() });
        let camera = camera.then(|| Wanted { device_id: self.desk.camera_id.clone() });
        self.push(CallEffect::Capture { ticket, microphone, camera });
        ticket
    }

    pub(super) fn capture_screen(&mut self) -> Ticket {
        let ticket = self.ticket();
        self.desk.captures.insert(ticket, vec![Slot::Screen]);
        self.push(CallEffect::CaptureScreen { ticket });
        ticket
    }

    /// Tells the other side that a call is over in which the page was closed.
    pub(super) fn bury(&mut self, left: LeftOver) {
        if !self.desk.is_over(&left.room_id, &left.call_id) {
            self.desk.set_over(&left.room_id, &left.call_id);
            let (reason, summary) = (Some("user_hangup".to_owned()), Some(left.summary));
            let body = if left.rejects { Body::Reject { reason, summary } } else { Body::Hangup { reason, summary } };
            self.send(&left.room_id, &left.call_id, body);
        }
    }
}
