//! What can happen to a call: buttons, signals from the chat, and what the browser reports back.
//!
//! Everything random or timed comes in from outside: ids are arguments, and `now_ms` goes with every step.

use super::signal::{Candidate, Signal};

/// The number of one effect that is answered. Numbers are never used twice within a [`super::CallState`], and an answer
/// to an effect that has been overtaken is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// A captured medium: which capture brought it, and what it is sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaId {
    /// The capture.
    pub ticket: Ticket,
    /// What it is.
    pub slot: Slot,
}

/// What a medium is sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The microphone.
    Microphone,
    /// The camera.
    Camera,
    /// The screen, with its sound if there is any.
    Screen,
}

/// The number of one `RTCPeerConnection`. A replaced connection's reports carry the old number and are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u32);

/// The chat a call is in, and whom it is with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// The room.
    pub room_id: String,
    /// The other person.
    pub user_id: String,
    /// What to call that person.
    pub name: String,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallInput {
    /// The call button. While the person to be called rings here it accepts their call; while there is another call it is
    /// off ([`super::CallButton`]).
    Start {
        /// A new random id, at most 255 bytes; see [`super::call_id`].
        call_id: String,
        /// Whom to call, and where.
        chat: Chat,
        /// Video or voice.
        video: bool,
    },
    /// Accept the call that rings, with or without one's own camera.
    Accept {
        /// With camera.
        video: bool,
    },
    /// Decline the call that rings.
    Decline,
    /// Hang up, or cancel before it is answered.
    HangUp,
    /// Put an ended call's panel away.
    Dismiss,
    /// Turn one's own microphone off or on.
    SetMuted(bool),
    /// Turn one's own camera on or off.
    SetCamera(bool),
    /// Start or stop to share the screen. Must be stepped within the click, or browsers refuse.
    SetSharing(bool),
    /// Use another device from now on.
    Choose {
        /// Which kind.
        device: Device,
        /// The browser's device id.
        device_id: String,
    },
    /// A signal from a chat, one's own included.
    Received(Received),
    /// The page was closed with this call in it; hand in once after the next start. The other side is told.
    FoundLeftOver(super::LeftOver),
    /// Answers [`super::CallEffect::Capture`] and [`super::CallEffect::CaptureScreen`].
    Captured {
        /// The effect's ticket.
        ticket: Ticket,
        /// Got, or why nothing was.
        result: Result<(), CaptureError>,
    },
    /// A captured track ended by itself: the browser's own "stop sharing", a device pulled out.
    MediaEnded {
        /// Which.
        media: MediaId,
    },
    /// Answers [`super::CallEffect::Offer`] and [`super::CallEffect::Answer`].
    Described {
        /// The effect's ticket.
        ticket: Ticket,
        /// The local description, or that the browser made none.
        result: Result<Described, BrowserRefused>,
    },
    /// Answers [`super::CallEffect::SetRemote`].
    RemoteSet {
        /// The effect's ticket.
        ticket: Ticket,
        /// Whether the browser took it.
        result: Result<(), BrowserRefused>,
    },
    /// Answers [`super::CallEffect::Send`].
    Sent {
        /// The effect's ticket.
        ticket: Ticket,
        /// Whether the server has it; `false` only after the driver has given up trying.
        ok: bool,
    },
    /// `icecandidate`; the end of gathering is an empty candidate.
    Candidate {
        /// Which connection.
        peer: PeerId,
        /// The candidate.
        candidate: Candidate,
    },
    /// `negotiationneeded`.
    NegotiationNeeded {
        /// Which connection.
        peer: PeerId,
    },
    /// `connectionstatechange`.
    Connection {
        /// Which connection.
        peer: PeerId,
        /// Its state now.
        state: Connection,
    },
    /// `track` (once for each track), and later when it is gone (`removetrack`, `ended`).
    RemoteTrack {
        /// Which connection.
        peer: PeerId,
        /// The id of the `MediaStream` it belongs to.
        stream_id: String,
        /// Sound or picture.
        kind: TrackKind,
        /// Come or gone.
        live: bool,
    },
    /// What `getStats` says, every second or two while connected.
    Measured {
        /// Which connection.
        peer: PeerId,
        /// Incoming packets lost since the last measurement, of a thousand.
        loss_permille: u16,
        /// Round trip on the selected pair, in milliseconds.
        rtt_ms: u32,
    },
    /// The browser's `online` event, or its network changed: a better path is asked for at once.
    NetworkChanged,
    /// `pagehide`: the driver has closed connections and devices already, as there is no time to be asked to. A page that
    /// is shown again, out of the browser's memory, finds its call over.
    PageClosed,
    /// [`super::CallState::deadline_ms`] has come.
    Tick,
}

/// A signal as it came from a chat: encrypted, since the driver hands on no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The message's event id: the same one twice counts once.
    pub event_id: String,
    /// The room it came from.
    pub room_id: String,
    /// Who sent it.
    pub sender: String,
    /// What to call the sender.
    pub sender_name: String,
    /// Whether the sender is joined to the room now. Others may not ring here.
    pub sender_joined: bool,
    /// How long ago it was sent by the server's clock, in milliseconds.
    pub age_ms: u64,
    /// When the server took it, in milliseconds since the Unix epoch. What came before what is told by this alone: an age is as
    /// old as the look that found it.
    pub taken_at_ms: u64,
    /// The signal.
    pub signal: Signal,
}

/// A kind of device that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// What one speaks into.
    Microphone,
    /// What one is seen by.
    Camera,
    /// What one hears from.
    Speaker,
}

/// Sound or picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrackKind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// Why nothing was captured (`getUserMedia`'s and `getDisplayMedia`'s errors).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureError {
    /// `NotAllowedError`: the person or the system said no; for a screen, the picker was closed.
    Denied,
    /// `NotFoundError`, `OverconstrainedError`: there is no such device.
    NoDevice,
    /// `NotReadableError`: another program has it.
    InUse,
    /// No `navigator.mediaDevices`: the page was not loaded over HTTPS.
    InsecureOrigin,
    /// Anything else.
    Failed,
}

/// The local description as it now stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// `localDescription.sdp`, with the candidates gathered so far in it.
    pub sdp: String,
    /// The id of the `MediaStream` that microphone and camera are sent in.
    pub user_stream_id: String,
    /// The id of the `MediaStream` that the screen is sent in, while it is.
    pub screen_stream_id: Option<String>,
}

/// The browser threw at a WebRTC operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrowserRefused;

/// `RTCPeerConnection.connectionState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// `new` or `connecting`.
    Connecting,
    /// `connected`.
    Connected,
    /// `disconnected`: may come back.
    Disconnected,
    /// `failed`.
    Failed,
    /// The other side has closed it: the DTLS transport's state is `closed` (RFC 8446, section 6.1: "close_notify").
    Closed,
}
