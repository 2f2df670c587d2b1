//! Who can read a chat: what the lock in its head says, and the page behind it.

/// What is known of a chat's encryption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Not known yet.
    #[default]
    Unknown,
    /// What is written is encrypted from end to end.
    On,
    /// The server can read what is written.
    Off,
}

/// Which devices can read, as docs/what-the-server-sees.md says too.
pub const DEVICES_WORDS: &str =
    "Keys go only to devices that their owner has confirmed. A device that the server adds gets none, and is named here.";

/// Who can read a chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Safety {
    /// Whether messages are encrypted.
    pub encryption: Encryption,
    /// How many people are in the chat or invited to it, oneself counted.
    pub people: u64,
}

impl Safety {
    /// The name of the lock.
    pub fn title(self) -> &'static str {
        match self.encryption {
            Encryption::On => "End-to-end encrypted",
            Encryption::Off => "Not encrypted",
            Encryption::Unknown => "Encryption not known yet",
        }
    }

    /// Who can read what one writes here. Of what others wrote each message says itself when it came in clear.
    pub fn readers(self) -> String {
        match (self.encryption, self.people) {
            (Encryption::Unknown, _) => {
                "The server hasn’t said yet whether this chat is encrypted. Nothing is sent until it has.".to_owned()
            }
            (Encryption::Off, _) => {
                "This chat is not encrypted: whoever runs the server can read it. Hearth sends nothing into it.".to_owned()
            }
            (Encryption::On, 0 | 1) => "Only you can read what you write here. Not even the server can.".to_owned(),
            (Encryption::On, 2) => "Only the two of you can read what you write here. Not even the server can.".to_owned(),
            (Encryption::On, people) => {
                format!("Only the {people} people in this chat can read what you write here. Not even the server can.")
            }
        }
    }

    /// What the server sees all the same, as docs/what-the-server-sees.md says too.
    pub fn server_sees(self) -> &'static [&'static str] {
        &[
            "who is in the chat, and what they are called",
            "when somebody writes, and how much",
            "which emoji is put on which message",
            "who has read up to where, who is typing, and who is there",
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{Encryption, Safety};

    #[test]
    fn the_lock_says_what_is_the_case() {
        let safety = |encryption, people| Safety { encryption, people };
        assert_eq!(safety(Encryption::On, 2).title(), "End-to-end encrypted");
        assert!(safety(Encryption::On, 2).readers().contains("two of you"));
        assert!(safety(Encryption::On, 50).readers().contains("50 people"));
        assert!(safety(Encryption::Off, 2).readers().contains("can read it"));
        assert!(!safety(Encryption::Unknown, 2).readers().contains("Not even"));
    }
}
