//! Why a comparison came to nothing, in words.

use crate::trouble::Trouble;

/// Why a comparison came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The other side declined or left.
    Withdrawn,
    /// Either side saw different emoji.
    Mismatch,
    /// The keys do not fit what either side had said of them before.
    WrongKeys,
    /// It took too long.
    TimedOut,
    /// It was answered on another device.
    Elsewhere,
    /// The other side's app compares in another way.
    NoCommonWay,
    /// The other side's app said something that does not belong there.
    Garbled,
    /// It could not be sent.
    Trouble(Trouble),
}

impl Cause {
    /// Reads a code of the specification
    /// (<https://spec.matrix.org/v1.16/client-server-api/#mkeyverificationcancel>).
    pub fn from_code(code: &str) -> Self {
        match code {
            "m.user" => Self::Withdrawn,
            "m.timeout" => Self::TimedOut,
            "m.accepted" => Self::Elsewhere,
            "m.unknown_method" => Self::NoCommonWay,
            "m.mismatched_sas" => Self::Mismatch,
            "m.key_mismatch" | "m.user_mismatch" | "m.mismatched_commitment" => Self::WrongKeys,
            _ => Self::Garbled,
        }
    }

    /// Whether somebody may be in between.
    pub fn is_alarming(self) -> bool {
        matches!(self, Self::Mismatch | Self::WrongKeys)
    }

    /// What happened and what helps; `other` is the other side's name, `own` whether it is a device of one's own.
    pub fn words(self, other: &str, own: bool) -> String {
        match self {
            Self::Withdrawn => format!("Cancelled by {other}. Nothing has changed; you can try again."),
            Self::Mismatch | Self::WrongKeys if own => {
                "The emoji don’t match: that may not be your device, or somebody is in between. It was not confirmed. Change your password if you didn’t log in there.".to_owned()
            }
            Self::Mismatch | Self::WrongKeys => {
                format!("The emoji don’t match: somebody may be in between and read along. {other} was not verified.")
            }
            Self::TimedOut => "It took too long. Start again when both of you are there.".to_owned(),
            Self::Elsewhere => "Answered on another device.".to_owned(),
            Self::NoCommonWay => format!("The app of {other} can’t compare emoji. Try with another app."),
            Self::Garbled => format!("The app of {other} sent something unexpected. Start again."),
            Self::Trouble(trouble) => trouble.words(),
        }
    }
}
