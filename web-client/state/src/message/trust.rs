//! Whether a message is what it seems to be, in words.

use crate::text::isolated;

/// What is known of where a message came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Nothing speaks against it.
    #[default]
    Fine,
    /// Its key came out of a backup or by another way that proves no sender.
    Unproven,
    /// In an encrypted chat, and not encrypted: the server could have written it.
    SentInClear,
    /// Encrypted by another person's device than the sender's.
    WrongSender,
    /// From a device that the sender's account does not have, or no more.
    UnknownDevice,
    /// From a device that the sender has not confirmed.
    UnsignedDevice,
    /// The sender was verified and has another identity now.
    ChangedIdentity,
}

/// How much a message's origin is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Said once above a group of messages, quietly.
    Note,
    /// Said on every message.
    Mark,
    /// The message stands in a block that nobody takes for an ordinary one.
    Block,
}

impl Trust {
    /// How much to make of it; `None` when there is nothing to say.
    pub fn warning(self) -> Option<Warning> {
        match self {
            Self::Fine => None,
            Self::Unproven => Some(Warning::Note),
            Self::UnknownDevice | Self::UnsignedDevice | Self::ChangedIdentity => Some(Warning::Mark),
            Self::SentInClear | Self::WrongSender => Some(Warning::Block),
        }
    }

    /// Whether the text is left out altogether.
    pub fn hides_text(self) -> bool {
        self == Self::WrongSender
    }

    /// What is the case, with the sender's name.
    pub fn words(self, name: &str) -> Option<String> {
        let name = isolated(name);
        Some(match self {
            Self::Fine => return None,
            Self::Unproven => format!("Restored from a backup: it isn’t proven that this is from {name}."),
            Self::SentInClear => format!("Not encrypted. {name} may not have written this, and the server can read it."),
            Self::WrongSender => {
                format!("Somebody else’s device wrote this in the name of {name}. The text is not shown.")
            }
            Self::UnknownDevice => format!("From a device that {name} doesn’t have, or no longer has."),
            Self::UnsignedDevice => format!("From a device that {name} has not confirmed."),
            Self::ChangedIdentity => format!("The identity of {name} has changed since you verified it."),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Trust as T, Warning};

    #[test]
    fn what_is_not_fine_is_said_in_words() {
        assert_eq!(T::Fine.warning(), None);
        assert_eq!(T::Fine.words("Bob"), None);
        for trust in [T::Unproven, T::SentInClear, T::WrongSender, T::UnknownDevice, T::UnsignedDevice, T::ChangedIdentity] {
            assert!(trust.warning().is_some() && trust.words("Bob").is_some_and(|words| words.contains("Bob")));
        }
    }

    #[test]
    fn what_the_server_could_have_written_is_no_ordinary_message() {
        assert_eq!(T::SentInClear.warning(), Some(Warning::Block));
        assert_eq!(T::WrongSender.warning(), Some(Warning::Block));
        assert!(T::WrongSender.hides_text() && !T::SentInClear.hides_text());
    }
}
