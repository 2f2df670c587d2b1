//! Devices of two people in one chat, in a time of its own: effects take a while, messages too, and the network breaks.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use hearth_web_state::call::{
    CallEffect, CallInput, CallState, CaptureError, Chat, EndReason, LeftOver, Me, MediaId, Outcome, PeerId, Phase,
    Settings, Slot, Ticket, TrackKind, signal::Candidate,
};

use crate::{
    browser::{Browser, Done, Peer, Signaling},
    every_button,
    random::Random,
    wire::Wire,
};

/// How rough it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Roughness {
    /// How long messages and browser operations take at most, in milliseconds.
    pub(crate) delay_ms: u64,
    /// Messages of a hundred that a device reads late, after later ones.
    pub(crate) late_percent: u64,
    /// Messages of a hundred that a device gets twice.
    pub(crate) twice_percent: u64,
    /// Captures of a hundred that fail.
    pub(crate) no_capture_percent: u64,
}

/// Something that happens at a time.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there are few at a time, in a test")]
pub(crate) enum Happening {
    /// An effect is run.
    Run { device: usize, effect: Box<CallEffect>, life: u32 },
    /// The machine hears of something.
    Hear { device: usize, input: Box<CallInput>, life: u32 },
    /// A message reaches the server.
    Arrive { index: usize },
    /// A message reaches a device.
    Deliver { device: usize, index: usize },
    /// The browser looks whether it still wants negotiation.
    Negotiate { device: usize, peer: PeerId, life: u32 },
    /// The path between the two works anew, on new addresses.
    Path { up: bool },
    /// A look at which connections have a path.
    LookAtPaths,
    /// A button or the like.
    Do { device: usize, act: Act },
}

/// What people do, and what befalls their devices.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there are few at a time, in a test")]
pub(crate) enum Act {
    Press(CallInput),
    /// Call the other side: with a new id, that of the table if it names one.
    Call {
        id: Option<&'static str>,
        video: bool,
    },
    /// A device is pulled out; for the screen, the browser's own "stop sharing".
    Lose(Slot),
    Reload,
    /// The tab is closed.
    Close,
    /// Another page takes this one's place, and the browser shows this one again, as it was.
    Hide,
    /// No messages in or out until then, in milliseconds.
    Offline {
        until_ms: u64,
    },
    /// Gone without a word, never to come back.
    Vanish,
}

/// One device with its machine and browser.
pub(crate) struct Device {
    pub(crate) user: &'static str,
    pub(crate) name: &'static str,
    pub(crate) machine: CallState,
    pub(crate) can_connect: bool,
    pub(crate) browser: Browser,
    /// Counts page loads: what an earlier page has under way comes to nothing.
    life: u32,
    effects_until_ms: u64,
    hears_until_ms: u64,
    sends_until_ms: u64,
    reads_until_ms: u64,
    offline_until_ms: u64,
    pub(crate) vanished: bool,
    pub(crate) ends: Vec<(String, EndReason)>,
    pub(crate) refusal: Option<(Slot, CaptureError)>,
    pub(crate) played: Vec<hearth_web_state::call::Tone>,
}

/// All of it.
pub(crate) struct World {
    pub(crate) now_ms: u64,
    pub(crate) devices: Vec<Device>,
    pub(crate) wire: Wire,
    pub(crate) random: Random,
    pub(crate) roughness: Roughness,
    pub(crate) trace: Vec<String>,
    /// Two devices were connected at some time.
    pub(crate) talked: bool,
    settings: Settings,
    pub(crate) path_up: bool,
    pub(crate) epoch: u32,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    count: u64,
    calls: u64,
}

impl World {
    pub(crate) fn new(seed: u64, roughness: Roughness, devices: &[(&'static str, &'static str)]) -> Self {
        let settings = Settings::default();
        let device = |(user, name): &(&'static str, &'static str)| Device {
            user,
            name,
            machine: CallState::new(Me { user_id: (*user).into(), party_id: (*name).into() }, settings),
            can_connect: settings.can_connect,
            browser: Browser::default(),
            life: 0,
            effects_until_ms: 0,
            hears_until_ms: 0,
            sends_until_ms: 0,
            reads_until_ms: 0,
            offline_until_ms: 0,
            vanished: false,
            ends: Vec::new(),
            refusal: None,
            played: Vec::new(),
        };
        Self {
            now_ms: 1_000,
            devices: devices.iter().map(device).collect(),
            wire: Wire::default(),
            random: Random::new(seed),
            roughness,
            trace: Vec::new(),
            talked: false,
            settings,
            path_up: true,
            epoch: 1,
            queue: BinaryHeap::new(),
            happenings: BTreeMap::new(),
            count: 0,
            calls: 0,
        }
    }

    pub(crate) fn at(&mut self, at_ms: u64, happening: Happening) {
        self.count += 1;
        self.queue.push(Reverse((at_ms.max(self.now_ms), self.count)));
        self.happenings.insert(self.count, happening);
    }

    fn a_while(&mut self) -> u64 {
        1 + self.random.below(self.roughness.delay_ms)
    }

    /// Lets things happen until that time.
    pub(crate) fn run_until(&mut self, until_ms: u64) {
        loop {
            let next = self.queue.peek().map(|Reverse((at_ms, _))| *at_ms);
            let due = |device: &Device| (!device.vanished).then(|| device.machine.deadline_ms()).flatten();
            let tick = (0..self.devices.len()).filter_map(|at| Some((due(&self.devices[at])?, at))).min();
            match (next, tick) {
                (next, Some((tick_ms, device))) if tick_ms <= until_ms && next.is_none_or(|next_ms| tick_ms < next_ms) => {
                    self.now_ms = self.now_ms.max(tick_ms);
                    self.step(device, CallInput::Tick);
                }
                (Some(next_ms), _) if next_ms <= until_ms => {
                    self.now_ms = next_ms;
                    let Some(Reverse((_, count))) = self.queue.pop() else { return };
                    if let Some(happening) = self.happenings.remove(&count) {
                        self.happen(happening);
                    }
                }
                _ => break,
            }
            assert!(self.count < 200_000, "it never comes to rest");
        }
        self.now_ms = until_ms;
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Run { device, effect, life } if self.is_alive(device, life) => self.run(device, &effect),
            Happening::Hear { device, input, life } if self.is_alive(device, life) => self.step(device, *input),
            Happening::Deliver { device, index } if !self.devices[device].vanished => {
                let received = self.wire.received(index, self.now_ms);
                self.step(device, CallInput::Received(received));
            }
            Happening::Arrive { index } if !self.devices[self.wire.log[index].device].vanished => self.arrive(index),
            Happening::Negotiate { device, peer, life } if self.wants_negotiation(device, peer, life) => {
                self.step(device, CallInput::NegotiationNeeded { peer });
            }
            Happening::Path { up } => {
                self.path_up = up;
                self.epoch += u32::from(!up);
                self.at(self.now_ms + 20, Happening::LookAtPaths);
            }
            Happening::LookAtPaths => self.look_at_paths(),
            Happening::Do { device, act } if !self.devices[device].vanished => self.act(device, act),
            _ => {}
        }
    }

    fn is_alive(&self, device: usize, life: u32) -> bool {
        !self.devices[device].vanished && self.devices[device].life == life
    }

    fn wants_negotiation(&self, device: usize, peer: PeerId, life: u32) -> bool {
        self.is_alive(device, life) && self.devices[device].browser.peers.get(&peer).is_some_and(Peer::needs_negotiation)
    }

    /// Whom the person of this device has the chat with.
    pub(crate) fn other(&self, device: usize) -> &'static str {
        let own = self.devices[device].user;
        self.devices.iter().map(|device| device.user).find(|user| *user != own).unwrap()
    }

    fn act(&mut self, device: usize, act: Act) {
        self.trace.push(format!("{} {}: {act:?}", self.now_ms, self.devices[device].name));
        let Device { machine, can_connect, .. } = &self.devices[device];
        every_button::check(machine, self.now_ms, self.other(device), *can_connect);
        match act {
            Act::Press(input) => self.step(device, input),
            Act::Call { id, video } => {
                self.calls += 1;
                let salt = self.random.below(1_000);
                let call_id = id.map_or_else(|| format!("{salt:03}-{}", self.calls), str::to_owned);
                let other = self.other(device);
                let chat = Chat { room_id: "!room".into(), user_id: other.into(), name: other.into() };
                self.step(device, CallInput::Start { call_id, chat, video });
            }
            Act::Lose(slot) => {
                let lost = self.devices[device].browser.media.iter().find(|media| media.slot == slot).copied();
                if let Some(media) = lost {
                    self.step(device, CallInput::MediaEnded { media });
                }
            }
            Act::Reload => self.reload(device),
            Act::Close => {
                self.leave(device);
                self.act(device, Act::Vanish);
            }
            Act::Hide => {
                self.leave(device);
                self.step(device, CallInput::PageClosed);
            }
            Act::Offline { until_ms } => self.devices[device].offline_until_ms = until_ms,
            Act::Vanish => {
                self.devices[device].vanished = true;
                self.at(self.now_ms + 20, Happening::LookAtPaths);
            }
        }
    }

    /// The page is loaded anew: the last messages are read again, then what the storage holds.
    fn reload(&mut self, device: usize) {
        self.leave(device);
        let left: Option<LeftOver> = self.devices[device].machine.left_over(self.now_ms);
        let ended = |call_id: &str| self.devices[device].ends.iter().any(|(ended, _)| ended == call_id);
        if let Some(left) = left.as_ref().filter(|left| !ended(&left.call_id)) {
            let cancelled = left.summary.outcome == Outcome::Cancelled;
            let reason = if cancelled { EndReason::Cancelled } else { EndReason::PageClosed };
            self.devices[device].ends.push((left.call_id.clone(), reason));
        }
        let me = Me { user_id: self.devices[device].user.into(), party_id: self.devices[device].name.into() };
        let page = &mut self.devices[device];
        page.machine = CallState::new(me, self.settings);
        page.browser = Browser::default();
        page.life += 1;
        if let Some(left) = left {
            self.step(device, CallInput::FoundLeftOver(left));
        }
        for index in 0..self.wire.log.len() {
            let message = &self.wire.log[index];
            if message.at_ms <= self.now_ms {
                self.at(self.now_ms + 50, Happening::Deliver { device, index });
            }
        }
        self.at(self.now_ms + 20, Happening::LookAtPaths);
    }

    fn ended(&self, device: usize) -> Option<(String, EndReason)> {
        let view = self.devices[device].machine.view()?;
        if let Phase::Ended(reason) = view.phase { Some((view.call_id, reason)) } else { None }
    }

    pub(crate) fn step(&mut self, device: usize, input: CallInput) {
        let before = self.ended(device);
        let dismissed = input == CallInput::Dismiss;
        let effects = self.devices[device].machine.step(self.now_ms, input);
        let after = self.ended(device);
        if let (Some(after), false) = (after.clone(), dismissed || before == after) {
            self.trace.push(format!("{} {}: over {after:?}", self.now_ms, self.devices[device].name));
            self.devices[device].ends.push(after);
        }
        let life = self.devices[device].life;
        for effect in effects {
            let at_ms = self.devices[device].effects_until_ms.max(self.now_ms) + self.random.below(3);
            self.devices[device].effects_until_ms = at_ms;
            self.at(at_ms, Happening::Run { device, effect: Box::new(effect), life });
        }
    }

    pub(crate) fn hear_soon(&mut self, device: usize, input: CallInput) {
        let wait_ms = self.a_while();
        let listener = &mut self.devices[device];
        // A browser reports in the order in which things come about.
        let at_ms = (self.now_ms + wait_ms).max(listener.hears_until_ms);
        listener.hears_until_ms = at_ms;
        let life = listener.life;
        self.at(at_ms, Happening::Hear { device, input: Box::new(input), life });
    }

    fn run(&mut self, device: usize, effect: &CallEffect) {
        if let CallEffect::ClosePeer { peer } = effect {
            self.tell_closed(device, *peer);
        }
        let (epoch, in_sdp) = (self.epoch, self.random.chance(50));
        let done = self.devices[device].browser.run(device, effect, epoch, in_sdp);
        match (effect, done) {
            (CallEffect::Send { ticket, signal, expires_after_ms, .. }, _) => {
                assert_eq!(expires_after_ms.is_some(), signal.is_ephemeral());
                self.send(device, *ticket, signal);
            }
            (CallEffect::Capture { ticket, microphone, camera }, _) => {
                let slots = [microphone.as_ref().map(|_| Slot::Microphone), camera.as_ref().map(|_| Slot::Camera)];
                self.capture(device, *ticket, slots.into_iter().flatten().collect());
            }
            (CallEffect::CaptureScreen { ticket }, _) => self.capture(device, *ticket, vec![Slot::Screen]),
            (CallEffect::Play(tone), _) => self.devices[device].played.push(*tone),
            (
                CallEffect::Offer { ticket, peer, gather_ms } | CallEffect::Answer { ticket, peer, gather_ms },
                Done::Described(result),
            ) => {
                if result.is_ok() {
                    self.gather(device, *peer, u64::from(*gather_ms));
                }
                let (wait_ms, life) = (self.random.below(u64::from(*gather_ms)), self.devices[device].life);
                let input = Box::new(CallInput::Described { ticket: *ticket, result });
                self.at(self.now_ms + wait_ms, Happening::Hear { device, input, life });
            }
            (CallEffect::SetRemote { ticket, peer, .. }, Done::RemoteSet(result)) => {
                self.hear_soon(device, CallInput::RemoteSet { ticket: *ticket, result: result.clone().map(drop) });
                if let Ok((come, gone)) = result {
                    self.tracks(device, *peer, come, true);
                    self.tracks(device, *peer, gone, false);
                }
            }
            _ => {}
        }
        if let Some(peer) = self.devices[device].browser.peers.keys().next().copied() {
            let (wait_ms, life) = (self.a_while(), self.devices[device].life);
            self.at(self.now_ms + wait_ms, Happening::Negotiate { device, peer, life });
        }
        self.at(self.now_ms + 20, Happening::LookAtPaths);
    }

    fn capture(&mut self, device: usize, ticket: Ticket, slots: Vec<Slot>) {
        let refused = self.devices[device].refusal.filter(|(slot, _)| slots.contains(slot)).map(|(_, error)| error);
        let failed = self.random.chance(self.roughness.no_capture_percent).then_some(CaptureError::Failed);
        let result = match refused.or(failed) {
            Some(error) => Err(error),
            None => {
                let media = slots.into_iter().map(|slot| MediaId { ticket, slot });
                self.devices[device].browser.media.extend(media);
                Ok(())
            }
        };
        self.hear_soon(device, CallInput::Captured { ticket, result });
    }

    /// Candidates trickle in, by generation; then the end.
    fn gather(&mut self, device: usize, peer: PeerId, gather_ms: u64) {
        let Some(generation) = self.devices[device].browser.peers[&peer].local.as_ref().map(|local| local.generation) else {
            return;
        };
        let life = self.devices[device].life;
        for (step, line) in [(0, generation.to_string()), (1, String::new())] {
            let candidate = Candidate { candidate: line, ..Candidate::default() };
            let at_ms = self.now_ms + gather_ms + 100 + step * 50 + self.random.below(20);
            self.at(at_ms, Happening::Hear { device, input: Box::new(CallInput::Candidate { peer, candidate }), life });
        }
    }

    fn tracks(&mut self, device: usize, peer: PeerId, slots: std::collections::BTreeSet<Slot>, live: bool) {
        let Some(remote) = self.devices[device].browser.peers[&peer].remote.clone() else { return };
        let (other, other_peer) = remote.owner;
        for slot in slots {
            let (stream, kind) = match slot {
                Slot::Microphone => ("user", TrackKind::Audio),
                Slot::Camera => ("user", TrackKind::Video),
                Slot::Screen => ("screen", TrackKind::Video),
            };
            let stream_id = format!("{stream}-{other}-{}", other_peer.0);
            self.hear_soon(device, CallInput::RemoteTrack { peer, stream_id, kind, live });
        }
    }

    /// One after the other, and only while online; the server's order is everybody's.
    fn send(&mut self, device: usize, ticket: Ticket, signal: &hearth_web_state::call::Signal) {
        let wait_ms = self.a_while();
        let sender = &mut self.devices[device];
        let at_ms = sender.sends_until_ms.max(sender.offline_until_ms).max(self.now_ms) + wait_ms;
        sender.sends_until_ms = at_ms;
        let (user, life) = (sender.user, sender.life);
        let index = self.wire.push(user, device, at_ms, signal);
        self.trace.push(format!(
            "{} {}: ${index} {} {:?}",
            self.now_ms,
            self.devices[device].name,
            signal.event_type(),
            signal.call_id
        ));
        self.at(at_ms, Happening::Hear { device, input: Box::new(CallInput::Sent { ticket, ok: true }), life });
        self.at(at_ms, Happening::Arrive { index });
    }

    /// The server has a message and gives it to all devices; what a device that vanished had still to send is lost.
    fn arrive(&mut self, index: usize) {
        let at_ms = self.now_ms;
        for reader in 0..self.devices.len() {
            let (wait_ms, late_ms) = (self.a_while(), 500 + self.random.below(4_000));
            let late = self.random.chance(self.roughness.late_percent);
            let twice = self.random.chance(self.roughness.twice_percent);
            let reads = &mut self.devices[reader];
            let read_ms = (at_ms + wait_ms).max(reads.reads_until_ms).max(reads.offline_until_ms);
            if late {
                self.at(read_ms + late_ms, Happening::Deliver { device: reader, index });
            } else {
                reads.reads_until_ms = read_ms;
                self.at(read_ms, Happening::Deliver { device: reader, index });
            }
            if twice {
                self.at(read_ms + 2 * late_ms, Happening::Deliver { device: reader, index });
            }
        }
    }

    pub(crate) fn phase(&self, device: usize) -> Option<Phase> {
        self.devices[device].machine.view().map(|view| view.phase)
    }

    pub(crate) fn signaling(&self, device: usize) -> Option<Signaling> {
        self.devices[device].browser.peers.values().next().map(|peer| peer.signaling)
    }
}
