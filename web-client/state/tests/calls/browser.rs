//! A browser as far as calls touch it: captures, and peer connections that negotiate as WebRTC's rules say.
//!
//! Descriptions are lines of text that name the connection, its ICE generation and what is sent. Every misuse (an effect
//! on a closed connection, a medium released twice, a ticket used twice) is a failed test.

use std::collections::{BTreeMap, BTreeSet};

use hearth_web_state::call::{
    BrowserRefused, CallEffect, Connection, Described, MediaId, PeerId, Slot, Ticket, signal::SdpKind,
};

/// A session description, as text on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Description {
    /// Which device's which connection.
    pub(crate) owner: (usize, PeerId),
    /// The ICE generation.
    pub(crate) generation: u32,
    /// Whether candidates are in it.
    pub(crate) candidates: bool,
    /// What is sent.
    pub(crate) slots: BTreeSet<Slot>,
    /// Makes each one differ.
    pub(crate) version: u32,
}

impl Description {
    pub(crate) fn to_sdp(&self) -> String {
        let slots: String = self.slots.iter().map(|slot| letter(*slot)).collect();
        let video = if self.slots.contains(&Slot::Camera) { "\nm=video" } else { "" };
        let Self { owner: (device, PeerId(peer)), generation, candidates, version, .. } = self;
        format!("{device} {peer} {generation} {} {version} x{slots}{video}", u8::from(*candidates))
    }

    pub(crate) fn parse(sdp: &str) -> Self {
        let words: Vec<&str> = sdp.lines().next().unwrap().split(' ').collect();
        let number = |at: usize| words[at].parse::<u32>().unwrap();
        Self {
            owner: (number(0) as usize, PeerId(number(1))),
            generation: number(2),
            candidates: number(3) == 1,
            version: number(4),
            slots: words[5].chars().filter_map(slot).collect(),
        }
    }
}

fn letter(slot: Slot) -> char {
    match slot {
        Slot::Microphone => 'm',
        Slot::Camera => 'c',
        Slot::Screen => 's',
    }
}

fn slot(letter: char) -> Option<Slot> {
    [Slot::Microphone, Slot::Camera, Slot::Screen].into_iter().find(|slot| self::letter(*slot) == letter)
}

/// Where descriptions stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signaling {
    Stable,
    HaveLocalOffer,
    HaveRemoteOffer,
}

/// One `RTCPeerConnection`.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) owner: (usize, PeerId),
    pub(crate) signaling: Signaling,
    pub(crate) local: Option<Description>,
    pub(crate) remote: Option<Description>,
    /// What is to be sent, and what the last agreement was.
    sending: BTreeSet<Slot>,
    agreed: BTreeSet<Slot>,
    restart: bool,
    offered_restart: bool,
    before_offer: Option<Description>,
    version: u32,
    generation: u32,
    /// When which generation was gathered, in network epochs.
    pub(crate) epochs: BTreeMap<u32, u32>,
    /// Remote generations that candidates are known of.
    pub(crate) reachable: BTreeSet<u32>,
    pub(crate) state: Connection,
}

impl Peer {
    fn new(owner: (usize, PeerId)) -> Self {
        Self {
            owner,
            signaling: Signaling::Stable,
            local: None,
            remote: None,
            sending: BTreeSet::new(),
            agreed: BTreeSet::new(),
            restart: false,
            offered_restart: false,
            before_offer: None,
            version: 0,
            generation: 1,
            epochs: BTreeMap::new(),
            reachable: BTreeSet::new(),
            state: Connection::Connecting,
        }
    }

    pub(crate) fn needs_negotiation(&self) -> bool {
        self.signaling == Signaling::Stable && (self.restart || self.sending != self.agreed)
    }

    fn describe(&mut self, epoch: u32, candidates: bool) -> Description {
        self.version += 1;
        self.epochs.entry(self.generation).or_insert(epoch);
        Description {
            owner: self.owner,
            generation: self.generation,
            candidates,
            slots: self.sending.clone(),
            version: self.version,
        }
    }

    fn offer(&mut self, epoch: u32, candidates: bool) -> Result<Description, BrowserRefused> {
        if self.signaling == Signaling::HaveRemoteOffer {
            return Err(BrowserRefused);
        }
        if self.signaling == Signaling::Stable {
            self.before_offer = self.local.clone();
        }
        if self.restart {
            self.generation += 1;
            self.restart = false;
            self.offered_restart = true;
        }
        let description = self.describe(epoch, candidates);
        self.local = Some(description.clone());
        self.signaling = Signaling::HaveLocalOffer;
        Ok(description)
    }

    fn answer(&mut self, epoch: u32, candidates: bool) -> Result<Description, BrowserRefused> {
        if self.signaling != Signaling::HaveRemoteOffer {
            return Err(BrowserRefused);
        }
        let mut description = self.describe(epoch, candidates);
        // An answer has no sections of its own: what the offer has no place for needs an offer from here.
        let remote = self.remote.as_ref().map(|remote| remote.slots.clone()).unwrap_or_default();
        description.slots.retain(|slot| remote.contains(slot) || self.agreed.contains(slot));
        self.local = Some(description.clone());
        self.settle();
        Ok(description)
    }

    fn settle(&mut self) {
        self.signaling = Signaling::Stable;
        self.offered_restart = false;
        self.agreed = self.local.as_ref().map(|local| local.slots.clone()).unwrap_or_default();
    }

    /// What of the remote tracks has come and gone.
    fn set_remote(
        &mut self,
        kind: SdpKind,
        description: Description,
    ) -> Result<(BTreeSet<Slot>, BTreeSet<Slot>), BrowserRefused> {
        match (kind, self.signaling) {
            (SdpKind::Answer, Signaling::HaveLocalOffer) => self.settle(),
            (SdpKind::Offer, Signaling::Stable) => self.signaling = Signaling::HaveRemoteOffer,
            (SdpKind::Offer, Signaling::HaveLocalOffer) => {
                self.local = self.before_offer.take();
                self.restart |= self.offered_restart;
                self.offered_restart = false;
                self.signaling = Signaling::HaveRemoteOffer;
            }
            _ => return Err(BrowserRefused),
        }
        let before = self.remote.as_ref().map(|remote| remote.slots.clone()).unwrap_or_default();
        // A new generation of the other side's means a new one here.
        let renewed = self.remote.as_ref().is_some_and(|remote| remote.generation != description.generation);
        if kind == SdpKind::Offer && renewed {
            self.generation += 1;
        }
        if description.candidates {
            self.reachable.insert(description.generation);
        }
        let now = description.slots.clone();
        self.remote = Some(description);
        Ok((&now - &before, &before - &now))
    }
}

/// One device's browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    pub(crate) peers: BTreeMap<PeerId, Peer>,
    pub(crate) media: BTreeSet<MediaId>,
    closed: BTreeSet<PeerId>,
    /// What the page closed as it went away, without being asked to.
    swept: (BTreeSet<PeerId>, BTreeSet<MediaId>),
    tickets: BTreeSet<Ticket>,
    released: BTreeSet<MediaId>,
}

/// What an operation on a connection led to.
pub(crate) enum Done {
    Nothing,
    Described(Result<Described, BrowserRefused>),
    RemoteSet(Result<(BTreeSet<Slot>, BTreeSet<Slot>), BrowserRefused>),
}

impl Browser {
    /// Runs what concerns media and connections; the rest is the world's.
    pub(crate) fn run(&mut self, device: usize, effect: &CallEffect, epoch: u32, in_sdp: bool) -> Done {
        self.check_ticket(effect);
        if self.is_swept(effect) {
            return Done::Nothing;
        }
        match effect {
            CallEffect::OpenPeer { peer } => {
                assert!(!self.closed.contains(peer), "a connection's number is used again");
                assert!(self.peers.insert(*peer, Peer::new((device, *peer))).is_none(), "a connection is opened twice");
                assert!(self.peers.len() <= 1, "two connections at once");
            }
            CallEffect::ClosePeer { peer } => {
                assert!(self.peers.remove(peer).is_some(), "a connection is closed that is not open");
                self.closed.insert(*peer);
            }
            CallEffect::Release { media } => {
                assert!(self.media.remove(media), "a medium is released that is not there");
                assert!(self.released.insert(*media), "a medium is released twice");
            }
            CallEffect::Enable { media, .. } => assert!(self.media.contains(media), "a medium is used that is not there"),
            CallEffect::Attach { peer, media } => {
                assert!(self.media.contains(media), "a medium is sent that is not there");
                self.peer(*peer).sending.insert(media.slot);
            }
            CallEffect::Detach { peer, slot } => {
                let peer = self.peer(*peer);
                assert!(peer.sending.contains(slot), "nothing is sent there");
                if *slot == Slot::Screen {
                    peer.sending.remove(slot);
                }
            }
            CallEffect::RestartIce { peer } => self.peer(*peer).restart = true,
            CallEffect::Offer { peer, .. } => return Done::Described(self.peer(*peer).offer(epoch, in_sdp).map(local)),
            CallEffect::Answer { peer, .. } => return Done::Described(self.peer(*peer).answer(epoch, in_sdp).map(local)),
            CallEffect::SetRemote { peer, kind, sdp, .. } => {
                return Done::RemoteSet(self.peer(*peer).set_remote(*kind, Description::parse(sdp)));
            }
            CallEffect::AddCandidates { peer, candidates } => {
                let peer = self.peer(*peer);
                assert!(peer.remote.is_some(), "candidates without a description");
                for candidate in candidates.iter().filter(|candidate| !candidate.candidate.is_empty()) {
                    peer.reachable.insert(candidate.candidate.parse().unwrap());
                }
            }
            _ => {}
        }
        Done::Nothing
    }

    /// The page goes away: connections are closed and devices given back, whatever the machine has still to say to them.
    pub(crate) fn sweep(&mut self) {
        self.swept.0.extend(std::mem::take(&mut self.peers).into_keys());
        self.swept.1.append(&mut self.media);
    }

    /// Whether it is about something that went away with the page. That is closed once more at most, as everything else.
    fn is_swept(&mut self, effect: &CallEffect) -> bool {
        match effect {
            CallEffect::ClosePeer { peer } => self.swept.0.remove(peer) && self.closed.insert(*peer),
            CallEffect::Release { media } => self.swept.1.remove(media) && self.released.insert(*media),
            CallEffect::Enable { media, .. } => self.swept.1.contains(media),
            CallEffect::Attach { peer, .. }
            | CallEffect::Detach { peer, .. }
            | CallEffect::Offer { peer, .. }
            | CallEffect::Answer { peer, .. }
            | CallEffect::SetRemote { peer, .. }
            | CallEffect::AddCandidates { peer, .. }
            | CallEffect::RestartIce { peer } => self.swept.0.contains(peer),
            _ => false,
        }
    }

    fn peer(&mut self, peer: PeerId) -> &mut Peer {
        self.peers.get_mut(&peer).expect("an effect on a connection that is not open")
    }

    fn check_ticket(&mut self, effect: &CallEffect) {
        let ticket = match effect {
            CallEffect::Capture { ticket, .. }
            | CallEffect::CaptureScreen { ticket }
            | CallEffect::Offer { ticket, .. }
            | CallEffect::Answer { ticket, .. }
            | CallEffect::SetRemote { ticket, .. }
            | CallEffect::Send { ticket, .. } => *ticket,
            _ => return,
        };
        assert!(self.tickets.insert(ticket), "a ticket is used twice: {effect:?}");
    }
}

fn local(description: Description) -> Described {
    let (device, peer) = description.owner;
    Described {
        sdp: description.to_sdp(),
        user_stream_id: format!("user-{device}-{}", peer.0),
        screen_stream_id: description.slots.contains(&Slot::Screen).then(|| format!("screen-{device}-{}", peer.0)),
    }
}
