//! Why a call is over, in plain words, and what the other side is told.

use super::{input::CaptureError, summary::Outcome};

/// Why a call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// One hung up oneself.
    HungUp,
    /// The other side hung up.
    OtherHungUp,
    /// One gave up before it was answered.
    Cancelled,
    /// The caller gave up before it was answered here.
    OtherCancelled,
    /// One declined.
    Declined,
    /// The other side declined.
    OtherDeclined,
    /// The other side is in a call already.
    OtherBusy,
    /// Nobody picked up there.
    NoAnswer,
    /// One did not pick up in time.
    Missed,
    /// Another device of one's own picked up.
    AnsweredElsewhere,
    /// Another device of one's own declined.
    DeclinedElsewhere,
    /// No connection came about.
    NoPath,
    /// The connection broke and did not come back.
    ConnectionLost,
    /// One's own microphone cannot be used.
    NoMicrophone(CaptureError),
    /// The other side could not use its microphone.
    OtherNoMicrophone,
    /// The signalling could not be sent.
    NotSent,
    /// The browser refused a step of the call.
    BrowserRefused,
    /// Something failed on the other side.
    OtherFailed,
    /// The page was closed or reloaded during the call.
    PageClosed,
}

/// Reasons that both ends of one call must agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonClass {
    /// One of the two hung up.
    HungUp,
    /// The caller gave up.
    Cancelled,
    /// The called side declined.
    Declined,
    /// The called side was busy.
    Busy,
    /// Nobody picked up in time.
    NoAnswer,
    /// Settled by another device of the same person.
    Elsewhere,
    /// Something failed.
    Failed,
}

impl EndReason {
    /// What both ends agree on.
    pub fn class(self) -> ReasonClass {
        match self {
            Self::HungUp | Self::OtherHungUp | Self::PageClosed => ReasonClass::HungUp,
            Self::Cancelled | Self::OtherCancelled => ReasonClass::Cancelled,
            Self::Declined | Self::OtherDeclined => ReasonClass::Declined,
            Self::OtherBusy => ReasonClass::Busy,
            Self::NoAnswer | Self::Missed => ReasonClass::NoAnswer,
            Self::AnsweredElsewhere | Self::DeclinedElsewhere => ReasonClass::Elsewhere,
            Self::NoPath
            | Self::ConnectionLost
            | Self::NoMicrophone(_)
            | Self::OtherNoMicrophone
            | Self::NotSent
            | Self::BrowserRefused
            | Self::OtherFailed => ReasonClass::Failed,
        }
    }

    /// What to show: what happened, and what to do where something can be done. `name` is the other person.
    pub fn words(self, name: &str) -> String {
        match self {
            Self::HungUp => "You hung up.".into(),
            Self::OtherHungUp => format!("{name} hung up."),
            Self::Cancelled => "Call cancelled.".into(),
            Self::OtherCancelled | Self::Missed => format!("You missed a call from {name}."),
            Self::Declined => "You declined the call.".into(),
            Self::OtherDeclined => format!("{name} declined the call."),
            Self::OtherBusy => format!("{name} is busy in another call. Try again later."),
            Self::NoAnswer => format!("{name} didn’t answer."),
            Self::AnsweredElsewhere => "Answered on another of your devices.".into(),
            Self::DeclinedElsewhere => "Declined on another of your devices.".into(),
            Self::NoPath => format!(
                "No connection to {name} could be made. A firewall may be in the way: try another network, or ask the person who runs this server to add a relay."
            ),
            Self::ConnectionLost => {
                format!("The connection to {name} was lost. Check your network and call again.")
            }
            Self::NoMicrophone(error) => format!("The call needs your microphone. {}", error.words("microphone")),
            Self::OtherNoMicrophone => format!("{name}’s microphone couldn’t be used."),
            Self::NotSent => "The call couldn’t be sent. Check your connection and try again.".into(),
            Self::BrowserRefused => "Your browser couldn’t go on with the call. Reload the page and try again.".into(),
            Self::OtherFailed => format!("The call failed on {name}’s side. Try again."),
            Self::PageClosed => "The call ended because the page was closed.".into(),
        }
    }

    /// The `reason` of our hangup (client-server API, "m.call.hangup").
    pub(super) fn wire(self) -> &'static str {
        match self {
            Self::NoAnswer => "invite_timeout",
            Self::NoPath => "ice_failed",
            Self::ConnectionLost => "ice_timeout",
            Self::NoMicrophone(_) => "user_media_failed",
            Self::OtherBusy => "user_busy",
            Self::NotSent | Self::BrowserRefused => "unknown_error",
            _ => "user_hangup",
        }
    }

    /// How the timeline tells it. `answered` is whether the call was picked up.
    pub(super) fn outcome(self, answered: bool) -> Outcome {
        match self.class() {
            ReasonClass::HungUp if answered => Outcome::Ended,
            ReasonClass::HungUp | ReasonClass::Cancelled => Outcome::Cancelled,
            ReasonClass::Declined => Outcome::Declined,
            ReasonClass::Busy => Outcome::Busy,
            ReasonClass::NoAnswer => Outcome::NoAnswer,
            ReasonClass::Elsewhere | ReasonClass::Failed => Outcome::Failed,
        }
    }
}

impl CaptureError {
    /// What is wrong with `device` ("microphone", "camera") and what to do about it.
    pub fn words(self, device: &str) -> String {
        match self {
            Self::Denied => {
                format!("Access to the {device} was denied. Allow it in the browser’s site settings and try again.")
            }
            Self::NoDevice => format!("No {device} was found. Plug one in and try again."),
            Self::InUse => format!("The {device} is used by another program. Close it there and try again."),
            Self::InsecureOrigin => {
                format!("Browsers allow the {device} on secure pages only. Open this page with https:// in front.")
            }
            Self::Failed => format!("The {device} couldn’t be started. Try again."),
        }
    }
}
