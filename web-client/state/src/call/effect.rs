//! What the machine asks of the browser and of the chat. One effect is one operation; where an answer is due, it
//! carries the effect's ticket.
//!
//! Effects are run in the order given. Those of one `RTCPeerConnection` are chained: the next starts when the one before
//! has finished. The driver decides nothing; what it cannot do it reports back.

use super::{
    input::{MediaId, PeerId, Slot, Ticket},
    signal::{Candidate, SdpKind, Signal},
};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEffect {
    /// One `getUserMedia` for one or both, so that the person is asked once. Its tracks become the media
    /// `MediaId { ticket, slot }`. Answered by [`super::CallInput::Captured`]: all that was wanted, or an error.
    Capture {
        /// Names the answer, and the media after it.
        ticket: Ticket,
        /// With sound (echo cancellation on).
        microphone: Option<Wanted>,
        /// With picture.
        camera: Option<Wanted>,
    },
    /// `getDisplayMedia`, with audio where the browser has it. Becomes the medium `MediaId { ticket, slot: Screen }`.
    /// Answered by [`super::CallInput::Captured`].
    CaptureScreen {
        /// Names the answer, and the medium after it.
        ticket: Ticket,
    },
    /// Stop all tracks of a medium and forget it.
    Release {
        /// Which.
        media: MediaId,
    },
    /// `track.enabled` of all of a medium's tracks.
    Enable {
        /// Which.
        media: MediaId,
        /// On or off.
        on: bool,
    },
    /// `new RTCPeerConnection` with the server's ICE servers, `bundlePolicy: "max-bundle"`.
    OpenPeer {
        /// Names every report of it.
        peer: PeerId,
    },
    /// Send a medium in its slot. If the slot's sender exists its track is replaced (`replaceTrack`, and the direction set to send
    /// again), so that no negotiation is needed; else `addTrack` with the slot's `MediaStream`. Microphone and camera
    /// share one `MediaStream`, the screen has its own.
    Attach {
        /// Which connection.
        peer: PeerId,
        /// The medium.
        media: MediaId,
    },
    /// Stop sending in a slot: `replaceTrack(null)` for microphone and camera, `removeTrack` for the screen (its picture
    /// must go away on the other side; the browser then asks for negotiation).
    Detach {
        /// Which connection.
        peer: PeerId,
        /// From which slot.
        slot: Slot,
    },
    /// `createOffer` and `setLocalDescription`; then wait until gathering is complete, `gather_ms` at most, and answer
    /// with `localDescription`. Answered by [`super::CallInput::Described`].
    Offer {
        /// Names the answer.
        ticket: Ticket,
        /// Which connection.
        peer: PeerId,
        /// The longest wait for candidates, in milliseconds.
        gather_ms: u32,
    },
    /// The same with `createAnswer`. Answered by [`super::CallInput::Described`].
    Answer {
        /// Names the answer.
        ticket: Ticket,
        /// Which connection.
        peer: PeerId,
        /// The longest wait for candidates, in milliseconds.
        gather_ms: u32,
    },
    /// `setRemoteDescription`; the browser rolls an own offer back by itself. Answered by
    /// [`super::CallInput::RemoteSet`].
    SetRemote {
        /// Names the answer.
        ticket: Ticket,
        /// Which connection.
        peer: PeerId,
        /// Offer or answer.
        kind: SdpKind,
        /// The session description.
        sdp: String,
    },
    /// `addIceCandidate`, one by one; failures are nobody's concern. Only asked for once a remote description is set.
    AddCandidates {
        /// Which connection.
        peer: PeerId,
        /// The candidates; an empty one is the end.
        candidates: Vec<Candidate>,
    },
    /// `restartIce()`; the browser then asks for negotiation.
    RestartIce {
        /// Which connection.
        peer: PeerId,
    },
    /// `close()`. Nothing may be reported of it afterwards.
    ClosePeer {
        /// Which connection.
        peer: PeerId,
    },
    /// `setSinkId` on what plays the other side.
    UseSpeaker {
        /// The browser's device id.
        device_id: String,
    },
    /// Send a signal, encrypted, into the chat. Signals of one room go out in the order given. Answered by
    /// [`super::CallInput::Sent`].
    Send {
        /// Names the answer.
        ticket: Ticket,
        /// Where to.
        room_id: String,
        /// The signal: its type and content.
        signal: Box<Signal>,
        /// Once it is sent, tell the server to erase it after that time (`PUT
        /// /_matrix/client/unstable/org.hearth.expiry/rooms/{roomId}/event/{eventId}`, `{"expires_after_ms": …}`), so that
        /// addresses inside are not kept for ever. `None` for the end of a call, which is its row in the timeline.
        expires_after_ms: Option<u64>,
    },
    /// Change what is heard. Stays until the next [`CallEffect::Play`].
    Play(Tone),
}

/// Which device a capture should use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The browser's id of the device that was chosen (as `ideal`); the browser's own choice without.
    pub device_id: Option<String>,
}

/// What is heard besides the other person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing.
    Silence,
    /// Somebody calls: repeats.
    Ring,
    /// It rings at the other side: repeats.
    Ringback,
    /// The other side is busy: once.
    Busy,
    /// It is over: once.
    Over,
}
