//! Comparing seven emoji with another device of one's own or with a person (SAS): the whole way of one comparison, as
//! a pure machine. What the library and the person do goes in, what is to be done comes out.
//!
//! One comparison at a time: whoever asks meanwhile is not shown. Their request ends by itself after ten minutes.

mod cause;
mod hearing;

pub use cause::Cause;
pub use hearing::{Hearing, Said};

use crate::{text::isolated, trouble::Trouble};

/// How long a comparison may take from the first request to the last word, in milliseconds. The library's own limit is
/// the same.
pub const PATIENCE_MS: u32 = 10 * 60 * 1_000;

/// One emoji, with the word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emoji {
    /// 🐶
    pub symbol: &'static str,
    /// "Dog"
    pub word: &'static str,
}

/// Whom one compares with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// Any confirmed device of one's own: this one is the new one.
    OwnDevices,
    /// A certain device of one's own.
    OwnDevice {
        /// The device id.
        id: String,
        /// Its name.
        name: String,
    },
    /// Somebody else.
    Person {
        /// `@bob:example.org`.
        user_id: String,
        /// What they call themselves.
        name: String,
    },
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Asked by the other side, which waits for an answer.
    Offered,
    /// The other side was asked.
    Asked,
    /// Both want to; keys are exchanged.
    Preparing,
    /// The person compares.
    Comparing(Box<[Emoji; 7]>),
    /// The person has found them the same; the other side has not said so yet.
    Confirmed,
    /// Both have found them the same; the server does not have the signature yet.
    Agreed,
    /// Both have found them the same, and it counts.
    Done,
    /// It came to nothing.
    Over(Cause),
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// With whom.
    pub other: Other,
    /// How far it has come.
    pub stage: Stage,
    /// Whether this side asked; it is the one that starts, too.
    pub we_asked: bool,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The person asks for a comparison.
    Ask(Other),
    /// The other side asks for one.
    Offer(Other),
    /// The person agrees to compare.
    Accept,
    /// Both sides want to.
    Ready,
    /// The keys are exchanged: this is what both see.
    Emoji(Box<[Emoji; 7]>),
    /// The keys are exchanged, and the other side shows no emoji.
    NoEmoji,
    /// The person says that they are the same, or that they are not.
    Judge(bool),
    /// Both have found them the same.
    Agreed,
    /// It counts: the signature has come back from the server.
    Done,
    /// The library or the other side ended it.
    Cancelled(Cause),
    /// It could not be sent.
    Failed(Trouble),
    /// It takes too long.
    TimedOut,
    /// The person leaves it, or the words about its end.
    Close,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the other side.
    Ask,
    /// Say that one wants to.
    Accept,
    /// Begin to exchange keys.
    Start,
    /// Say that they are the same.
    Confirm,
    /// Say that they are not.
    Mismatch,
    /// End it.
    Cancel,
}

/// One step: the comparison afterwards, if there is one, and what is to be done.
pub fn step(now: Option<Verification>, input: Input) -> (Option<Verification>, Option<Effect>) {
    let Some(now) = now else {
        return match input {
            Input::Ask(other) => (Some(Verification { other, stage: Stage::Asked, we_asked: true }), Some(Effect::Ask)),
            Input::Offer(other) => (Some(Verification { other, stage: Stage::Offered, we_asked: false }), None),
            _ => (None, None),
        };
    };
    if now.is_over() {
        return match input {
            Input::Close => (None, None),
            // Words about the last one do not keep the next one waiting.
            Input::Ask(_) | Input::Offer(_) => step(None, input),
            _ => (Some(now), None),
        };
    }
    let (stage, effect) = advance(&now, input);
    match stage {
        Next::Stays => (Some(now), effect),
        Next::Gone => (None, effect),
        Next::Is(stage) => (Some(Verification { stage, ..now }), effect),
    }
}

enum Next {
    Stays,
    Gone,
    Is(Stage),
}

fn advance(now: &Verification, input: Input) -> (Next, Option<Effect>) {
    use Stage as S;
    match (&now.stage, input) {
        (S::Offered, Input::Accept) => (Next::Is(S::Preparing), Some(Effect::Accept)),
        (S::Asked, Input::Ready) => (Next::Is(S::Preparing), Some(Effect::Start)),
        (S::Asked | S::Preparing, Input::Emoji(emoji)) => (Next::Is(S::Comparing(emoji)), None),
        (S::Asked | S::Preparing, Input::NoEmoji) => (Next::Is(S::Over(Cause::NoCommonWay)), Some(Effect::Cancel)),
        (S::Comparing(_), Input::Judge(true)) => (Next::Is(S::Confirmed), Some(Effect::Confirm)),
        (S::Comparing(_), Input::Judge(false)) => (Next::Is(S::Over(Cause::Mismatch)), Some(Effect::Mismatch)),
        // Only what was confirmed here is verified, whatever the other side says.
        (S::Confirmed, Input::Agreed) => (Next::Is(S::Agreed), None),
        (S::Agreed, Input::Done) => (Next::Is(S::Done), None),
        (S::Offered, Input::Cancelled(Cause::Withdrawn | Cause::Elsewhere)) => (Next::Gone, None),
        (_, Input::Cancelled(cause)) => (Next::Is(S::Over(cause)), None),
        (_, Input::Failed(trouble)) => (Next::Is(S::Over(Cause::Trouble(trouble))), Some(Effect::Cancel)),
        (S::Offered, Input::TimedOut) => (Next::Gone, Some(Effect::Cancel)),
        (_, Input::TimedOut) => (Next::Is(S::Over(Cause::TimedOut)), Some(Effect::Cancel)),
        (_, Input::Close) => (Next::Gone, Some(Effect::Cancel)),
        _ => (Next::Stays, None),
    }
}

impl Verification {
    /// Whether nothing more will happen.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Done | Stage::Over(_))
    }

    /// Whom it verifies, if it is somebody else.
    pub fn person(&self) -> Option<&str> {
        match &self.other {
            Other::Person { user_id, .. } => Some(user_id),
            Other::OwnDevices | Other::OwnDevice { .. } => None,
        }
    }

    /// The heading.
    pub fn title(&self) -> String {
        match &self.other {
            Other::OwnDevices => "Confirm this device".to_owned(),
            Other::OwnDevice { name, .. } => format!("Confirm {}", isolated(name)),
            Other::Person { name, .. } => format!("Compare emoji with {}", isolated(name)),
        }
    }

    /// What the other side wants, for a prompt.
    pub fn offer(&self) -> String {
        match &self.other {
            Other::OwnDevices => "Another device of yours asks to confirm this one. Compare emoji with it.".to_owned(),
            Other::OwnDevice { name, .. } => {
                format!("Somebody logged in on {}. If it was you, compare emoji to confirm it.", isolated(name))
            }
            Other::Person { name, .. } => format!("{} wants to compare emoji with you.", isolated(name)),
        }
    }

    /// How it stands and what to do.
    pub fn words(&self) -> String {
        let own = self.person().is_none();
        let other = match &self.other {
            Other::OwnDevices | Other::OwnDevice { .. } => "the other device".to_owned(),
            Other::Person { name, .. } => isolated(name),
        };
        match &self.stage {
            Stage::Offered => self.offer(),
            Stage::Asked if own => "Open Hearth on your other device and accept there.".to_owned(),
            Stage::Asked => format!("Waiting for {other} to accept. Best compare while you see or hear each other."),
            Stage::Preparing => "Getting the emoji…".to_owned(),
            Stage::Comparing(_) if own => "Are the same emoji on both screens, in the same order?".to_owned(),
            Stage::Comparing(_) => {
                format!("Does {other} see the same emoji, in the same order? Ask in person or in a call, not in this chat.")
            }
            Stage::Confirmed => format!("Waiting for {other} to confirm…"),
            Stage::Agreed => "They match. Waiting for the server to keep that…".to_owned(),
            Stage::Done => match &self.other {
                Other::OwnDevices => "This device is confirmed. Your older messages are being unlocked.".to_owned(),
                Other::OwnDevice { name, .. } => format!("{} is confirmed. It can read your messages now.", isolated(name)),
                Other::Person { .. } => {
                    format!("{other} is verified. If these keys ever change, you are told before anything is sent.")
                }
            },
            Stage::Over(cause) => cause.words(&other, own),
        }
    }
}

#[cfg(test)]
mod tests;
