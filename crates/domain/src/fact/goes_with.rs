//! Which payloads are forgotten together with a person.

use ruma::UserId;

use super::Fact;

impl Fact {
    /// Whether the fact is forgotten when `user` is erased, given that it stands in a stream of theirs or in the directory. A new kind of fact
    /// has to be put on one side or the other.
    ///
    /// What stays says no more than that there was an account, what admins did to it, and which media are gone. What is said in rooms is not
    /// asked for here: rooms have facts of their own for that.
    #[must_use]
    pub fn goes_with(&self, user: &UserId) -> bool {
        match self {
            // The directory is everybody's.
            Self::EmailAdded(fact) => fact.user_id == user,
            Self::EmailVerified(fact) => fact.user_id == user,
            Self::EmailRemoved(fact) => fact.user_id == user,
            Self::PasswordSet(_)
            | Self::ProfileFieldSet(_)
            | Self::SessionOpened(_)
            | Self::CredentialsSet(_)
            | Self::CredentialsUsed(_)
            | Self::DeviceRenamed(_)
            | Self::SessionClosed(_)
            | Self::DehydratedDeviceRemoved(_)
            | Self::RoomForgotten(_)
            | Self::ReceiptSet(_)
            | Self::AccountDataSet(_)
            | Self::FilterCreated(_)
            | Self::PusherSet(_)
            | Self::PusherRemoved(_)
            | Self::PusherReached(_)
            | Self::ReportMade(_)
            | Self::DeviceKeysUploaded(_)
            | Self::OneTimeKeysUploaded(_)
            | Self::FallbackKeysUploaded(_)
            | Self::OneTimeKeysClaimed(_)
            | Self::FallbackKeysUsed(_)
            | Self::KeyEpochStarted(_)
            | Self::CrossSigningKeysUploaded(_)
            | Self::SignaturesAdded(_)
            | Self::DehydratedDeviceSet(_)
            | Self::InboxMessage(_)
            | Self::InboxAcknowledged(_)
            | Self::ToDeviceSent(_)
            | Self::BackupCreated(_)
            | Self::BackupUpdated(_)
            | Self::BackupDeleted(_)
            | Self::BackupKeysStored(_)
            | Self::BackupKeysDeleted(_) => true,
            // Uploads are erased by a fact of their own, which a replay needs.
            Self::MediaAnnounced(_)
            | Self::MediaUploaded(_)
            | Self::MediaErased(_)
            | Self::AccountRegistered(_)
            | Self::AccountCreated(_)
            | Self::AccountDeactivated(_)
            | Self::AccountErased(_)
            | Self::EmailsErased(_)
            | Self::InboxErased(_)
            | Self::BackupErased(_)
            // What admins did stands in the ledger.
            | Self::AccountLocked(_)
            | Self::AccountUnlocked(_)
            | Self::ResetLinkMade(_)
            | Self::RegistrationTokenUsed(_)
            | Self::InviteMade(_)
            | Self::InviteRevoked(_)
            | Self::AdminMade(_)
            | Self::AdminUnmade(_)
            | Self::AliasAdded(_)
            | Self::AliasRemoved(_)
            | Self::RoomListed(_)
            | Self::PduAdded(_)
            | Self::PduPruned(_)
            | Self::PduErased(_)
            | Self::PduExpirySet(_)
            | Self::PduExpired(_)
            | Self::RoomUpgraded(_)
            | Self::EffectFinished(_) => false,
        }
    }

    /// Whether the payloads that the fact erases are erased for `user`: what was said or uploaded by them, or said of them.
    #[must_use]
    pub fn erases_for(&self, user: &UserId) -> bool {
        match self {
            Self::PduExpired(fact) => fact.target.sender == user,
            Self::PduErased(fact) => fact.user_id == user,
            Self::MediaErased(fact) => fact.user_id == user,
            Self::AccountErased(fact) | Self::EmailsErased(fact) | Self::InboxErased(fact) | Self::BackupErased(fact) => {
                fact.user_id == user
            }
            _ => false,
        }
    }
}
