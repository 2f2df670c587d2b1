//! Why a message cannot be read, and what helps.

/// Why a message cannot be read: the causes that the library tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nobody knows why; the key may still be on its way.
    NotArrived,
    /// Sent when one was not in the chat.
    BeforeJoining,
    /// Its sender's identity has changed since it was verified.
    ChangedIdentity,
    /// Its sender has not confirmed the device it comes from.
    UnsignedDevice,
    /// The device it comes from is not known, or no more.
    UnknownDevice,
    /// Sent before this device was there, and no keys are backed up.
    NoBackup,
    /// Sent before this device was there, and the backup is locked.
    Locked,
    /// Its sender gives keys only to confirmed devices, and this one is not.
    OnlyConfirmedDevices,
    /// Its sender's device did not give the key.
    Withheld,
    /// Encrypted in a way that this version does not know.
    UnknownWay,
}

impl Missing {
    /// What happened and what helps.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotArrived => {
                "The key to this message hasn’t arrived. If it doesn’t appear soon, ask for the message to be sent again."
            }
            Self::BeforeJoining => "Sent before you were in this chat. Nobody made a key to it for you.",
            Self::ChangedIdentity => "Not shown, because the sender’s identity has changed since you verified it.",
            Self::UnsignedDevice => {
                "Not shown, because the sender has not confirmed the device it came from. Ask them to confirm it."
            }
            Self::UnknownDevice => "Not shown, because it came from a device that the sender’s account doesn’t have.",
            Self::NoBackup => {
                "Sent before you logged in here, and your keys aren’t backed up. A device that was logged in then can show it."
            }
            Self::Locked => "Sent before you logged in here. Your recovery key or another device unlocks it.",
            Self::OnlyConfirmedDevices => {
                "The sender shares keys only with confirmed devices. Confirm this one by another device or your recovery key, then ask for the message again."
            }
            Self::Withheld => "The sender’s device didn’t share the key. Ask for the message to be sent again.",
            Self::UnknownWay => "Encrypted in a way this version doesn’t know.",
        }
    }

    /// Whether the recovery key helps.
    pub fn needs_recovery_key(self) -> bool {
        matches!(self, Self::Locked | Self::OnlyConfirmedDevices)
    }
}

#[cfg(test)]
mod tests {
    use super::Missing as M;

    const ALL: [M; 10] = [
        M::NotArrived,
        M::BeforeJoining,
        M::ChangedIdentity,
        M::UnsignedDevice,
        M::UnknownDevice,
        M::NoBackup,
        M::Locked,
        M::OnlyConfirmedDevices,
        M::Withheld,
        M::UnknownWay,
    ];

    #[test]
    fn the_recovery_key_is_named_exactly_where_it_helps() {
        for cause in ALL {
            assert_eq!(cause.words().contains("recovery key"), cause.needs_recovery_key(), "{cause:?}");
        }
    }

    #[test]
    fn every_cause_has_words_of_its_own() {
        let mut words: Vec<_> = ALL.iter().map(|cause| cause.words()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ALL.len());
    }
}
