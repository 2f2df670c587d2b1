//! The table of every fact the log can hold. Its payloads are a public format: `docs/facts.md` has each of them.
//!
//! One row a fact, under what it is about: variant, type, kind in the record header, version, class, the streams it is in. The types stand in
//! the `facts.rs` beside the commands that decide them. A kind's payload never changes its meaning; a changed shape gets the next
//! version, and the row says how the older one becomes it.
//! `tests/golden/facts/` holds a payload of every kind and version, which tests read and write again byte for byte.

mod error;
mod goes_with;
mod table;
#[cfg(test)]
mod tests;

use crate::{backup, directory, outbox, room, user};

pub use error::CodecError;
pub use table::{Encoded, Kind};

table::facts! {
    /// What the domain decided, in the past tense: the only way anything changes.
    pub enum Fact;
    /// A fact by what it is about. Whoever reads facts takes apart the areas that concern them and names the others, so
    /// that a new fact or a new area makes them decide.
    pub enum Area;

    /// What goes on in rooms, and how far their people have come.
    Room(RoomFact) {
        /// A PDU was added to a room.
        PduAdded(room::PduAdded) = "room.pdu" v 1 plain in room;
        /// A PDU was redacted.
        PduPruned(room::PduPruned) = "room.pruned" v 1 plain in room;
        /// What a PDU said of a person is gone.
        PduErased(room::PduErased) = "room.erased" v 1 plain in room;
        /// A message has a moment from which on it is gone.
        PduExpirySet(room::PduExpirySet) = "room.expiry_set" v 1 plain in room;
        /// A message is gone.
        PduExpired(room::PduExpired) = "room.expired" v 1 plain in room;
        /// A room was replaced by another.
        RoomUpgraded(room::RoomUpgraded) = "room.upgraded" v 1 plain in room;
        /// A user forgot a room.
        RoomForgotten(room::RoomForgotten) = "room.forgotten" v 1 plain in user;
        /// Somebody has read up to an event.
        ReceiptSet(user::receipts::ReceiptSet) = "receipt.set" v 1 plain in user;
    }

    /// What is unique on the whole server.
    Directory(DirectoryFact) {
        /// A room was put on the public list, or taken off.
        RoomListed(directory::RoomListed) = "room.listed" v 1 plain in directory;
        /// An address leads to a room.
        AliasAdded(directory::AliasAdded) = "alias.added" v 1 plain in directory;
        /// An address leads nowhere any more.
        AliasRemoved(directory::AliasRemoved) = "alias.removed" v 1 plain in directory;
        /// A user name is taken.
        AccountRegistered(directory::AccountRegistered) = "account.registered" v 1 plain in directory;
    }

    /// Accounts, and the sessions that speak for them.
    Account(AccountFact) {
        /// An email address belongs to an account.
        EmailAdded(directory::EmailAdded) = "account.email_added" v 1 plain in directory;
        /// Whoever reads what is sent to an email address has said that the account is theirs.
        EmailVerified(directory::EmailVerified) = "account.email_verified" v 1 plain in directory;
        /// An email address is free again.
        EmailRemoved(directory::EmailRemoved) = "account.email_removed" v 1 plain in directory;
        /// An account was made with a registration token.
        RegistrationTokenUsed(directory::RegistrationTokenUsed) = "registration.token_used" v 1 secret in directory;
        /// So many people can sign up with a token, until some moment.
        InviteMade(directory::InviteMade) = "invite.made" v 1 secret in directory;
        /// Nobody signs up with an invite any more.
        InviteRevoked(directory::InviteRevoked) = "invite.revoked" v 1 plain in directory;
        /// An account is an admin of this server.
        AdminMade(directory::AdminMade) = "account.admin_made" v 1 plain in directory;
        /// An account is no admin of this server any more.
        AdminUnmade(directory::AdminUnmade) = "account.admin_unmade" v 1 plain in directory;
        /// An account exists.
        AccountCreated(user::AccountCreated) = "account.created" v 1 plain in user;
        /// An account has a new password.
        PasswordSet(user::PasswordSet) = "account.password_set" v 1 secret in user;
        /// Whoever has a token can set a new password once, until some moment.
        ResetLinkMade(user::admin::ResetLinkMade) = "account.reset_link_made" v 1 secret in user;
        /// Nobody uses an account until it is unlocked.
        AccountLocked(user::admin::AccountLocked) = "account.locked" v 1 plain in user;
        /// The owner of an account may use it again.
        AccountUnlocked(user::admin::AccountUnlocked) = "account.unlocked" v 1 plain in user;
        /// A profile has another value in one field.
        ProfileFieldSet(user::ProfileFieldSet) = "profile.field_set" v 1 plain in user;
        /// A device logged in.
        SessionOpened(user::SessionOpened) = "session.opened" v 1 plain in user;
        /// A session has new tokens.
        CredentialsSet(user::CredentialsSet) = "session.credentials_set" v 1 secret in user;
        /// A session uses the tokens that it got for older ones.
        CredentialsUsed(user::CredentialsUsed) = "session.credentials_used" v 1 secret in user;
        /// A device has a new name.
        DeviceRenamed(user::DeviceRenamed) = "device.renamed" v 1 plain in user;
    }

    /// A person or a device is gone, and with them what is kept for them.
    Ending(EndingFact) {
        /// An account is closed for ever.
        AccountDeactivated(user::AccountDeactivated) = "account.deactivated" v 1 plain in user;
        /// A device is gone.
        SessionClosed(user::SessionClosed) = "session.closed" v 1 plain in user;
        /// A dehydrated device is gone.
        DehydratedDeviceRemoved(user::dehydrated::DehydratedDeviceRemoved) = "keys.dehydrated_removed" v 1 plain in user;
        /// What was kept of a person is forgotten.
        AccountErased(user::erasure::PayloadsErased) = "account.erased" v 1 plain in user;
        /// The email addresses that a person had are forgotten.
        EmailsErased(user::erasure::PayloadsErased) = "account.emails_erased" v 1 plain in directory;
        /// What waited for a person's devices is forgotten.
        InboxErased(user::erasure::PayloadsErased) = "inbox.erased" v 1 plain in inbox;
        /// A person's backups of room keys are forgotten.
        BackupErased(user::erasure::PayloadsErased) = "backup.erased" v 1 plain in backup;
    }

    /// What clients keep on the server for each other.
    Data(DataFact) {
        /// A piece of account data has new content.
        AccountDataSet(user::data::AccountDataSet) = "account_data.set" v 1 plain in user;
        /// A filter is kept.
        FilterCreated(user::filters::FilterCreated) = "filter.created" v 1 plain in user;
        /// A pusher is kept.
        PusherSet(user::pushers::PusherSet) = "pusher.set" v 1 plain in user;
        /// A pusher is gone.
        PusherRemoved(user::pushers::PusherRemoved) = "pusher.removed" v 1 plain in user;
        /// A pusher was told of news.
        PusherReached(user::pushers::PusherReached) = "pusher.reached" v 1 plain in user;
        /// Somebody reported an event, a room or a person.
        ReportMade(user::reports::ReportMade) = "report.made" v 1 plain in user;
    }

    /// Media.
    Media(MediaFact) {
        /// An address for media is reserved.
        MediaAnnounced(user::media::MediaAnnounced) = "media.announced" v 1 plain in user;
        /// Media was uploaded.
        MediaUploaded(user::media::MediaUploaded) = "media.uploaded" v 1 plain in user;
        /// Media is gone.
        MediaErased(user::media::MediaErased) = "media.erased" v 1 plain in user;
    }

    /// Keys of devices and people.
    Keys(KeysFact) {
        /// A device published its identity keys.
        DeviceKeysUploaded(user::keys::DeviceKeysUploaded) = "keys.device_uploaded" v 1 plain in user;
        /// A device added one-time keys.
        OneTimeKeysUploaded(user::keys::OneTimeKeysUploaded) = "keys.one_time_uploaded" v 1 plain in user;
        /// A device set its fallback keys.
        FallbackKeysUploaded(user::keys::FallbackKeysUploaded) = "keys.fallback_uploaded" v 1 plain in user;
        /// One-time keys were given out.
        OneTimeKeysClaimed(user::keys::OneTimeKeysClaimed) = "keys.one_time_claimed" v 1 plain in user;
        /// Fallback keys were given out for the first time.
        FallbackKeysUsed(user::keys::FallbackKeysUsed) = "keys.fallback_used" v 1 plain in user;
        /// All one-time keys of a person are dropped after a restore.
        KeyEpochStarted(user::keys::EpochStarted) = "keys.epoch_started" v 1 plain in user;
        /// A person set cross-signing keys.
        CrossSigningKeysUploaded(user::cross_signing::CrossSigningKeysUploaded) = "keys.cross_signing_uploaded" v 1 plain in user;
        /// A person signed a device or a master key.
        SignaturesAdded(user::cross_signing::SignaturesAdded) = "keys.signatures_added" v 1 plain in user;
        /// A person stored a dehydrated device.
        DehydratedDeviceSet(user::dehydrated::DehydratedDeviceSet) = "keys.dehydrated_set" v 1 plain in user;
    }

    /// Messages between devices.
    Inbox(InboxFact) {
        /// A message waits for a device.
        InboxMessage(user::to_device::InboxMessage) = "inbox.message" v 1 plain in inbox;
        /// A device has received messages.
        InboxAcknowledged(user::to_device::InboxAcknowledged) = "inbox.acknowledged" v 1 plain in inbox;
        /// A device sent messages to devices.
        ToDeviceSent(user::to_device::ToDeviceSent) = "to_device.sent" v 1 plain in user;
    }

    /// Backups of room keys.
    Backup(BackupFact) {
        /// A backup of room keys was created.
        BackupCreated(backup::BackupCreated) = "backup.created" v 1 plain in backup;
        /// The public data of a backup changed.
        BackupUpdated(backup::BackupUpdated) = "backup.updated" v 1 plain in backup;
        /// A backup was deleted.
        BackupDeleted(backup::BackupDeleted) = "backup.deleted" v 1 plain in backup;
        /// Keys were stored in a backup.
        BackupKeysStored(backup::BackupKeysStored) = "backup.keys_stored" v 1 plain in backup;
        /// Keys of a backup were deleted.
        BackupKeysDeleted(backup::BackupKeysDeleted) = "backup.keys_deleted" v 1 plain in backup;
    }

    /// What is done of what facts had left to do.
    Outbox(OutboxFact) {
        /// What a fact had left to do in other streams is done.
        EffectFinished(outbox::EffectFinished) = "effect.finished" v 1 plain in outbox;
    }
}

impl Fact {
    /// Whether it takes back what the state of its stream may hold: a snapshot from before it must not be kept.
    #[must_use]
    pub fn outdates_snapshot(&self) -> bool {
        match self {
            Self::PduPruned(pruned) => pruned.pdu.state_key.is_some(),
            Self::PduErased(erased) => erased.pdu.state_key.is_some(),
            Self::AccountErased(_) | Self::EmailsErased(_) | Self::BackupErased(_) => true,
            _ => false,
        }
    }

    /// The positions of records whose payloads this fact makes forgettable: they are erased together with its append.
    #[must_use]
    pub fn erases(&self) -> &[u64] {
        match self {
            Self::InboxAcknowledged(fact) => &fact.positions,
            Self::PduPruned(fact) => std::slice::from_ref(&fact.target_position),
            Self::PduErased(fact) => std::slice::from_ref(&fact.target_position),
            Self::PduExpired(fact) => std::slice::from_ref(&fact.target.position),
            Self::AccountErased(fact) | Self::EmailsErased(fact) | Self::InboxErased(fact) | Self::BackupErased(fact) => {
                &fact.positions
            }
            Self::MediaErased(fact) => &fact.positions,
            // Rooms and names.
            Self::PduAdded(_)
            | Self::PduExpirySet(_)
            | Self::RoomUpgraded(_)
            | Self::RoomForgotten(_)
            | Self::RoomListed(_)
            | Self::AliasAdded(_)
            | Self::AliasRemoved(_)
            | Self::AccountRegistered(_)
            | Self::EmailAdded(_)
            | Self::EmailVerified(_)
            | Self::EmailRemoved(_)
            | Self::RegistrationTokenUsed(_)
            | Self::InviteMade(_)
            | Self::InviteRevoked(_)
            | Self::AdminMade(_)
            | Self::AdminUnmade(_)
            // Accounts and sessions, and what clients keep.
            | Self::AccountCreated(_)
            | Self::PasswordSet(_)
            | Self::ResetLinkMade(_)
            | Self::AccountLocked(_)
            | Self::AccountUnlocked(_)
            | Self::AccountDeactivated(_)
            | Self::SessionOpened(_)
            | Self::CredentialsSet(_)
            | Self::CredentialsUsed(_)
            | Self::SessionClosed(_)
            | Self::DeviceRenamed(_)
            | Self::ProfileFieldSet(_)
            | Self::AccountDataSet(_)
            | Self::ReceiptSet(_)
            | Self::FilterCreated(_)
            | Self::PusherSet(_)
            | Self::PusherRemoved(_)
            | Self::PusherReached(_)
            | Self::ReportMade(_)
            | Self::MediaAnnounced(_)
            | Self::MediaUploaded(_)
            // Keys, messages between devices, and backups.
            | Self::DeviceKeysUploaded(_)
            | Self::OneTimeKeysUploaded(_)
            | Self::FallbackKeysUploaded(_)
            | Self::OneTimeKeysClaimed(_)
            | Self::FallbackKeysUsed(_)
            | Self::KeyEpochStarted(_)
            | Self::CrossSigningKeysUploaded(_)
            | Self::SignaturesAdded(_)
            | Self::DehydratedDeviceSet(_)
            | Self::DehydratedDeviceRemoved(_)
            | Self::InboxMessage(_)
            | Self::ToDeviceSent(_)
            | Self::BackupCreated(_)
            | Self::BackupUpdated(_)
            | Self::BackupDeleted(_)
            | Self::BackupKeysStored(_)
            | Self::BackupKeysDeleted(_)
            | Self::EffectFinished(_) => &[],
        }
    }
}
