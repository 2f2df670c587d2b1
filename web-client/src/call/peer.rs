//! One `RTCPeerConnection`: what is asked of it happens one after the other, and what happens to it is reported.
//!
//! It decides nothing: when to offer, answer or restart is the machine's business.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use dioxus::core::{Task, spawn_forever};
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::call::{
    BrowserRefused, CallInput, Connection, Described, PeerId, Slot, Ticket, TrackKind,
    signal::{Candidate, SdpKind},
};
use js_sys::{Array, Function, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Event, EventTarget, MediaStream, MediaStreamTrack, RtcBundlePolicy, RtcConfiguration, RtcIceGatheringState,
    RtcIceServer, RtcPeerConnection, RtcPeerConnectionIceEvent, RtcPeerConnectionState, RtcRtpSender, RtcRtpTransceiver,
    RtcRtpTransceiverDirection, RtcSdpType, RtcSessionDescriptionInit, RtcTrackEvent,
};

use super::{media, reports::Reports, stats};
use crate::{browser::Listening, client::IceServers};

/// How often it is looked whether gathering is complete.
const GATHER_POLL_MS: u32 = 20;

/// One thing to do with the connection.
pub(super) enum Work {
    /// Use these servers from the next gathering on. Comes first when they were not known at the beginning.
    Servers(std::pin::Pin<Box<dyn Future<Output = Option<IceServers>>>>),
    /// Send a medium in a slot.
    Attach(Slot, MediaStream),
    /// Stop sending in a slot.
    Detach(Slot),
    /// Make and set an offer or an answer, and wait so long for candidates.
    Describe(Ticket, SdpKind, u32),
    /// Set what the other side described.
    SetRemote(Ticket, SdpKind, String),
    /// Try these addresses of the other side.
    AddCandidates(Vec<Candidate>),
    /// Look for a new path.
    RestartIce,
}

/// One open connection; closed when dropped.
pub(super) struct Peer {
    line: Rc<Line>,
    work: UnboundedSender<Work>,
    tasks: Vec<Task>,
    listeners: Vec<Listening>,
}

/// What the connection's own tasks share.
struct Line {
    id: PeerId,
    pc: RtcPeerConnection,
    /// What microphone and camera are sent in; only its id travels.
    user: MediaStream,
    /// What the screen is sent in.
    screen: MediaStream,
    senders: RefCell<HashMap<(Slot, String), RtcRtpSender>>,
    shares: RefCell<bool>,
    /// On the streams of the other side, by their ids, and on what carries everything.
    removals: RefCell<HashMap<String, Listening>>,
    transport: RefCell<Option<Listening>>,
    reports: Reports,
}

impl Peer {
    /// Opens a connection. `onstream` gets every stream of the other side that has sound or picture.
    ///
    /// # Errors
    /// When the browser has no WebRTC.
    pub(super) fn open(
        id: PeerId,
        servers: Option<&IceServers>,
        reports: Reports,
        onstream: impl Fn(MediaStream) + 'static,
    ) -> Result<Self, BrowserRefused> {
        let pc = RtcPeerConnection::new_with_configuration(&configuration(servers)).map_err(|_| BrowserRefused)?;
        let user = MediaStream::new().map_err(|_| BrowserRefused)?;
        let screen = MediaStream::new().map_err(|_| BrowserRefused)?;
        let line = Rc::new(Line {
            id,
            pc,
            user,
            screen,
            senders: RefCell::default(),
            shares: RefCell::new(false),
            removals: RefCell::default(),
            transport: RefCell::default(),
            reports,
        });
        let (work, todo) = unbounded();
        let tasks = vec![
            spawn_forever(run(Rc::clone(&line), todo)),
            spawn_forever(stats::measure(line.pc.clone(), id, line.reports.clone())),
        ];
        let mut peer = Self { line, work, tasks, listeners: Vec::new() };
        peer.listen(onstream);
        Ok(peer)
    }

    /// Adds to what is to be done.
    pub(super) fn ask(&self, work: Work) {
        // The other end lives as long as this peer.
        let _ = self.work.unbounded_send(work);
    }

    /// Closes it ahead of being dropped, where no task can be ended: as the page goes away.
    pub(super) fn close(&self) {
        self.line.pc.close();
    }

    fn listen(&mut self, onstream: impl Fn(MediaStream) + 'static) {
        let line = Rc::clone(&self.line);
        self.on("icecandidate", move |event| {
            let candidate = event.dyn_ref::<RtcPeerConnectionIceEvent>().map(RtcPeerConnectionIceEvent::candidate);
            if let Some(candidate) = candidate {
                line.report(CallInput::Candidate {
                    peer: line.id,
                    candidate: candidate.map(to_candidate).unwrap_or_default(),
                });
            }
        });
        let line = Rc::clone(&self.line);
        self.on("negotiationneeded", move |_| line.report(CallInput::NegotiationNeeded { peer: line.id }));
        let line = Rc::clone(&self.line);
        self.on("connectionstatechange", move |_| {
            let state = match line.pc.connection_state() {
                RtcPeerConnectionState::New | RtcPeerConnectionState::Connecting => Connection::Connecting,
                RtcPeerConnectionState::Connected => {
                    line.follow_transport();
                    Connection::Connected
                }
                RtcPeerConnectionState::Disconnected => Connection::Disconnected,
                RtcPeerConnectionState::Failed => Connection::Failed,
                _ => return,
            };
            line.report(CallInput::Connection { peer: line.id, state });
        });
        let line = Rc::clone(&self.line);
        self.on("track", move |event| {
            let Some(event) = event.dyn_ref::<RtcTrackEvent>() else { return };
            let Ok(stream) = event.streams().get(0).dyn_into::<MediaStream>() else { return };
            line.follow_removal(&stream);
            onstream(Clone::clone(&stream));
            line.report_track(&stream, &event.track(), true);
        });
    }

    fn on(&mut self, name: &'static str, handler: impl FnMut(Event) + 'static) {
        self.listeners.push(Listening::to(&self.line.pc, name, handler));
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.cancel();
        }
        self.line.pc.close();
    }
}

async fn run(line: Rc<Line>, mut todo: UnboundedReceiver<Work>) {
    while let Some(work) = todo.next().await {
        match work {
            Work::Servers(asked) => {
                if let Some(servers) = asked.await {
                    // Without servers the connection is tried with what addresses this machine knows itself.
                    let _ = line.pc.set_configuration_with_configuration(&configuration(Some(&servers)));
                }
            }
            Work::Attach(slot, stream) => line.attach(slot, &stream).await,
            Work::Detach(slot) => line.detach(slot).await,
            Work::Describe(ticket, kind, gather_ms) => {
                let result = line.describe(kind, gather_ms).await;
                line.report(CallInput::Described { ticket, result });
            }
            Work::SetRemote(ticket, kind, sdp) => {
                let description = RtcSessionDescriptionInit::new(match kind {
                    SdpKind::Offer => RtcSdpType::Offer,
                    SdpKind::Answer => RtcSdpType::Answer,
                });
                description.set_sdp(&sdp);
                let set = JsFuture::from(line.pc.set_remote_description(&description)).await;
                line.report(CallInput::RemoteSet { ticket, result: set.map(drop).map_err(|_| BrowserRefused) });
            }
            Work::AddCandidates(candidates) => line.add_candidates(&candidates).await,
            Work::RestartIce => line.restart_ice(),
        }
    }
}

impl Line {
    fn report(&self, input: CallInput) {
        // Nobody listens any more once the account is closed.
        let _ = self.reports.unbounded_send(input);
    }

    fn report_track(&self, stream: &MediaStream, track: &MediaStreamTrack, live: bool) {
        let kind = if track.kind() == "audio" { TrackKind::Audio } else { TrackKind::Video };
        self.report(CallInput::RemoteTrack { peer: self.id, stream_id: stream.id(), kind, live });
    }

    /// A track that the other side stops sending leaves its stream.
    fn follow_removal(self: &Rc<Self>, stream: &MediaStream) {
        let line = Rc::downgrade(self);
        let of = Clone::clone(stream);
        // One listener a stream, however many tracks it gets.
        self.removals.borrow_mut().entry(stream.id()).or_insert_with(|| {
            Listening::to(stream, "removetrack", move |event| {
                let track = get(&event, "track").and_then(|track| track.dyn_into::<MediaStreamTrack>().ok());
                if let (Some(line), Some(track)) = (line.upgrade(), track) {
                    line.report_track(&of, &track, false);
                }
            })
        });
    }

    /// The other side that closes its connection, by hanging up or with its page, says so to this one (RFC 8446, section 6.1),
    /// which shows on the transport alone. Bundled as everything is, there is one.
    fn follow_transport(self: &Rc<Self>) {
        let sender = self.pc.get_senders().get(0);
        let transport = get(&sender, "transport").and_then(|transport| transport.dyn_into::<EventTarget>().ok());
        let Some(transport) = transport else { return };
        let line = Rc::downgrade(self);
        let on = transport.clone();
        self.transport.borrow_mut().get_or_insert_with(|| {
            Listening::to(&transport, "statechange", move |_| {
                let is_closed = get(&on, "state").is_some_and(|state| state.as_string().as_deref() == Some("closed"));
                if let Some(line) = line.upgrade().filter(|_| is_closed) {
                    line.report(CallInput::Connection { peer: line.id, state: Connection::Closed });
                }
            })
        });
    }

    async fn attach(&self, slot: Slot, stream: &MediaStream) {
        let sent_in = if slot == Slot::Screen { &self.screen } else { &self.user };
        for track in media::tracks(stream) {
            if self.pc.connection_state() == RtcPeerConnectionState::Closed {
                return;
            }
            let key = (slot, track.kind());
            let known = self.senders.borrow().get(&key).cloned();
            if let Some(sender) = known {
                // A track that cannot be replaced is not sent; the other side then sees no picture, which is the truth.
                let _ = JsFuture::from(sender.replace_track(Some(&track))).await;
                self.send_again(&sender);
            } else {
                let sender = self.pc.add_track_0(&track, sent_in);
                self.senders.borrow_mut().insert(key, sender);
            }
        }
        if slot == Slot::Screen {
            self.shares.replace(true);
        }
    }

    /// Sets the direction of a sender that had been told to send no more.
    fn send_again(&self, sender: &RtcRtpSender) {
        let transceiver = self
            .pc
            .get_transceivers()
            .iter()
            .filter_map(|item| item.dyn_into::<RtcRtpTransceiver>().ok())
            .find(|transceiver| Object::is(&transceiver.sender(), sender));
        let Some(transceiver) = transceiver else { return };
        match transceiver.direction() {
            RtcRtpTransceiverDirection::Recvonly => transceiver.set_direction(RtcRtpTransceiverDirection::Sendrecv),
            RtcRtpTransceiverDirection::Inactive => transceiver.set_direction(RtcRtpTransceiverDirection::Sendonly),
            _ => {}
        }
    }

    async fn detach(&self, slot: Slot) {
        for kind in ["audio", "video"] {
            let sender = self.senders.borrow().get(&(slot, kind.to_owned())).cloned();
            let Some(sender) = sender else { continue };
            // Both fail only on a closed connection, which sends nothing.
            if slot == Slot::Screen {
                if self.pc.connection_state() != RtcPeerConnectionState::Closed {
                    self.pc.remove_track(&sender);
                }
            } else {
                let _ = JsFuture::from(sender.replace_track(None)).await;
            }
        }
        if slot == Slot::Screen {
            self.shares.replace(false);
        }
    }

    async fn describe(&self, kind: SdpKind, gather_ms: u32) -> Result<Described, BrowserRefused> {
        let made = match kind {
            SdpKind::Offer => self.pc.create_offer(),
            SdpKind::Answer => self.pc.create_answer(),
        };
        let made = JsFuture::from(made).await.map_err(|_| BrowserRefused)?;
        let set = self.pc.set_local_description(made.unchecked_ref());
        JsFuture::from(set).await.map_err(|_| BrowserRefused)?;
        for _ in 0..gather_ms.div_ceil(GATHER_POLL_MS) {
            if self.pc.ice_gathering_state() == RtcIceGatheringState::Complete {
                break;
            }
            TimeoutFuture::new(GATHER_POLL_MS).await;
        }
        let sdp = self.pc.local_description().ok_or(BrowserRefused)?.sdp();
        let screen_stream_id = self.shares.borrow().then(|| self.screen.id());
        Ok(Described { sdp, user_stream_id: self.user.id(), screen_stream_id })
    }

    async fn add_candidates(&self, candidates: &[Candidate]) {
        for candidate in candidates {
            let Some(init) = serde_json::to_string(candidate).ok().and_then(|text| JSON::parse(&text).ok()) else {
                continue;
            };
            // A candidate that the browser does not take is one path less.
            let added = self.pc.add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(init.unchecked_ref()));
            let _ = JsFuture::from(added).await;
        }
    }

    fn restart_ice(&self) {
        let function = get(&self.pc, "restartIce").and_then(|it| it.dyn_into::<Function>().ok());
        if let Some(function) = function {
            // It never fails where it exists.
            let _ = function.call0(&self.pc);
        }
    }
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok()
}

fn to_candidate(candidate: web_sys::RtcIceCandidate) -> Candidate {
    let text = JSON::stringify(&candidate.to_json()).map(String::from).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn configuration(servers: Option<&IceServers>) -> RtcConfiguration {
    let configuration = RtcConfiguration::new();
    configuration.set_bundle_policy(RtcBundlePolicy::MaxBundle);
    if let Some(servers) = servers.filter(|servers| !servers.uris.is_empty()) {
        let server = RtcIceServer::new();
        let uris: Array = servers.uris.iter().map(|uri| JsValue::from_str(uri)).collect();
        server.set_urls(&uris);
        if !servers.username.is_empty() {
            server.set_username(&servers.username);
            server.set_credential(&servers.password);
        }
        configuration.set_ice_servers(&Array::of1(&server));
    }
    configuration
}
