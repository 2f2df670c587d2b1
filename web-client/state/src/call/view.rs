//! What the interface shows of the call, derived from the machine after each step. No decisions are made here.

use super::{
    input::{CaptureError, Chat, MediaId},
    reason::EndReason,
    summary::Kind,
};

/// The one call there is, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallView {
    /// Which call; changes when, both having called at once, the other call goes on in its place.
    pub call_id: String,
    /// Where, and with whom.
    pub chat: Chat,
    /// Who called.
    pub direction: Direction,
    /// What it was placed as.
    pub kind: Kind,
    /// How far it is.
    pub phase: Phase,
    /// Since when the two are connected, in milliseconds of the steps' clock; stays while reconnecting.
    pub connected_since_ms: Option<u64>,
    /// What one sends oneself.
    pub own: OwnMedia,
    /// What comes from the other side.
    pub remote: RemoteMedia,
    /// How good the connection is.
    pub quality: Quality,
    /// Something to say that does not end the call.
    pub notice: Option<Notice>,
    /// Which buttons there are.
    pub can: Can,
}

/// Who called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Oneself.
    Outgoing,
    /// The other side.
    Incoming,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// One's own devices are being opened, and the invite made.
    Preparing,
    /// It rings at the other side.
    Calling,
    /// It rings here.
    Ringing,
    /// Picked up; the browsers look for a path.
    Connecting,
    /// The two hear each other.
    Connected,
    /// The path broke and a new one is looked for.
    Reconnecting,
    /// Over. The panel stays until it is dismissed or a new call begins.
    Ended(EndReason),
}

/// What one sends oneself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnMedia {
    /// Whether the microphone is muted by oneself.
    pub muted: bool,
    /// The camera.
    pub camera: Switch,
    /// The screen.
    pub sharing: Switch,
}

/// Something that takes a moment to go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Switch {
    /// Off.
    #[default]
    Off,
    /// Being opened.
    Starting,
    /// On; the medium can be shown as a preview.
    On(MediaId),
}

/// What comes from the other side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteMedia {
    /// The `MediaStream` id of microphone and camera. To be played always, for its sound.
    pub user_stream_id: Option<String>,
    /// The other side has muted its microphone.
    pub muted: bool,
    /// The other side has put one on hold: it neither hears nor sees one.
    pub holds: bool,
    /// There is a picture of the other side to show.
    pub camera_on: bool,
    /// The `MediaStream` id of the shared screen, while there is one.
    pub screen_stream_id: Option<String>,
}

/// How good the connection is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Nothing to say.
    #[default]
    Good,
    /// Losses or delays that can be heard.
    Weak,
    /// Hard to understand each other.
    Bad,
}

impl Quality {
    /// A hint to show; none while there is nothing to say.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::Good => None,
            Self::Weak => Some("Weak connection"),
            Self::Bad => Some("Very weak connection. Turning the camera off may help."),
        }
    }
}

/// Something to say that does not end the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The camera could not be used; the call goes on with voice.
    NoCamera(CaptureError),
    /// The microphone went away or cannot be changed; the call goes on muted or with the old one.
    NoMicrophone(CaptureError),
    /// The screen could not be shared. Closing the picker is no reason for a notice.
    NoScreen(CaptureError),
}

impl Notice {
    /// What to show.
    pub fn words(self) -> String {
        match self {
            Self::NoCamera(error) => error.words("camera"),
            Self::NoMicrophone(error) => error.words("microphone"),
            Self::NoScreen(CaptureError::InsecureOrigin) => CaptureError::InsecureOrigin.words("screen"),
            Self::NoScreen(_) => "The screen couldn’t be shared. Allow it in the system’s settings and try again.".into(),
        }
    }
}

/// Which buttons there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Can {
    /// Accept, by voice or with video.
    pub accept: bool,
    /// Decline.
    pub decline: bool,
    /// Hang up or cancel.
    pub hang_up: bool,
    /// Mute and unmute.
    pub mute: bool,
    /// Camera on and off.
    pub camera: bool,
    /// Share the screen and stop that.
    pub share: bool,
    /// Put the ended call's panel away.
    pub dismiss: bool,
}

/// What a button that calls somebody does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallButton {
    /// It calls.
    Calls,
    /// That person's call rings here: it accepts, with the camera or without.
    Accepts,
    /// Nothing: one call at a time.
    Off,
    /// Nothing: the browser cannot connect to another one.
    Unable,
    /// Nothing yet: what is behind calls is still being loaded.
    Coming,
}

/// Why there are no calls in this browser.
const NO_WEBRTC: &str = "Calls don’t work in this browser: WebRTC is missing or turned off.";

impl CallButton {
    /// For a button that calls `user_id`, while `view` is shown. `can_connect` is [`super::Settings::can_connect`].
    pub fn of(view: Option<&CallView>, user_id: &str, can_connect: bool) -> Self {
        match view {
            _ if !can_connect => Self::Unable,
            Some(view) if view.can.accept && view.chat.user_id == user_id => Self::Accepts,
            Some(view) if view.is_live() => Self::Off,
            Some(_) | None => Self::Calls,
        }
    }

    /// Whether it does nothing.
    pub fn is_off(self) -> bool {
        matches!(self, Self::Off | Self::Unable | Self::Coming)
    }

    /// Why it does nothing.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Calls | Self::Accepts => None,
            Self::Off => Some("You are in a call"),
            Self::Unable => Some(NO_WEBRTC),
            Self::Coming => Some("Calls are being loaded…"),
        }
    }
}

impl CallView {
    /// The state in words; the timer is shown beside it once connected.
    pub fn words(&self) -> String {
        let name = &self.chat.name;
        match self.phase {
            Phase::Preparing => "Starting the call…".into(),
            Phase::Calling => format!("Calling {name}…"),
            Phase::Ringing if !self.can.accept => format!("{name} is calling. {NO_WEBRTC} Answer on another device."),
            Phase::Ringing => match self.kind {
                Kind::Voice => format!("{name} is calling"),
                Kind::Video => format!("{name} is calling with video"),
            },
            Phase::Connecting => "Connecting…".into(),
            Phase::Connected if self.remote.holds => "On hold".into(),
            Phase::Connected if self.remote.muted => format!("{name} is muted"),
            Phase::Connected => "Connected".into(),
            Phase::Reconnecting => "Reconnecting…".into(),
            Phase::Ended(reason) => reason.words(name),
        }
    }

    /// Whether the call is still going on, so that a reload has to ask first.
    pub fn is_live(&self) -> bool {
        !matches!(self.phase, Phase::Ended(_))
    }

    /// How long the two have been connected, in milliseconds.
    pub fn duration_ms(&self, now_ms: u64) -> u64 {
        self.connected_since_ms.map_or(0, |since_ms| now_ms.saturating_sub(since_ms))
    }
}
