//! The table of every fact the log can hold, and the codec between facts and record payloads.
//!
//! One row a fact: variant, type, kind in the record header, version, class. A kind's payload never changes its meaning;
//! a changed shape gets the next version and this table learns to read both.

use serde::Serialize;

use crate::{backup, directory, room, user};

/// A fact as it goes into a record.
#[derive(Debug)]
pub struct Encoded {
    /// The kind in the record's header, for example `room.pdu`.
    pub kind: &'static str,
    /// The version of the kind's payload.
    pub version: u16,
    /// True for password and token hashes: an export leaves the payload out unless asked.
    pub secret: bool,
    /// JSON.
    pub payload: Vec<u8>,
}

/// A fact could not be written as, or read from, a record's payload.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The record was written by a newer version of the server.
    #[error("unknown kind of record {kind} version {version}; it was written by a newer version of the server")]
    UnknownKind {
        /// As in the header.
        kind: String,
        /// As in the header.
        version: u16,
    },
    /// The payload is not what its kind says.
    #[error("the payload of a {kind} record does not read: {source}")]
    Payload {
        /// As in the header.
        kind: String,
        /// What the JSON reader says.
        source: serde_json::Error,
    },
}

/// A record's class, as a word in the table below.
macro_rules! is_secret {
    (plain) => {
        false
    };
    (secret) => {
        true
    };
}

macro_rules! facts {
    ($($(#[$doc:meta])* $variant:ident($type:ty) = $kind:literal v $version:literal $class:ident;)+) => {
        /// What the domain decided, in the past tense: the only way anything changes.
        #[derive(Clone, Debug)]
        pub enum Fact {
            $($(#[$doc])* $variant($type),)+
        }

        impl Fact {
            /// The fact as a record's kind and payload.
            ///
            /// # Errors
            /// Only when a value has no JSON form, which the types of this crate rule out.
            pub fn encode(&self) -> Result<Encoded, CodecError> {
                match self {
                    $(Self::$variant(fact) => encode($kind, $version, is_secret!($class), fact),)+
                }
            }

            /// Reads a fact back from a record's kind, version and payload.
            ///
            /// # Errors
            /// [`CodecError`] for a kind this version does not know, or a payload that does not read.
            pub fn decode(kind: &str, version: u16, payload: &[u8]) -> Result<Self, CodecError> {
                match (kind, version) {
                    $(($kind, $version) => serde_json::from_slice(payload)
                        .map(Self::$variant)
                        .map_err(|source| CodecError::Payload { kind: kind.to_owned(), source }),)+
                    _ => Err(CodecError::UnknownKind { kind: kind.to_owned(), version }),
                }
            }
        }
    };
}

facts! {
    /// A PDU was added to a room.
    PduAdded(room::PduAdded) = "room.pdu" v 1 plain;
    /// A PDU was redacted.
    PduPruned(room::PduPruned) = "room.pruned" v 1 plain;
    /// A message has a moment from which on it is gone.
    PduExpirySet(room::PduExpirySet) = "room.expiry_set" v 1 plain;
    /// A message is gone.
    PduExpired(room::PduExpired) = "room.expired" v 1 plain;
    /// A user forgot a room.
    RoomForgotten(room::RoomForgotten) = "room.forgotten" v 1 plain;
    /// A room was put on the public list, or taken off.
    RoomListed(directory::RoomListed) = "room.listed" v 1 plain;
    /// An address leads to a room.
    AliasAdded(directory::AliasAdded) = "alias.added" v 1 plain;
    /// An address leads nowhere any more.
    AliasRemoved(directory::AliasRemoved) = "alias.removed" v 1 plain;
    /// A user name is taken.
    AccountRegistered(directory::AccountRegistered) = "account.registered" v 1 plain;
    /// An email address belongs to an account.
    EmailAdded(directory::EmailAdded) = "account.email_added" v 1 plain;
    /// An email address is free again.
    EmailRemoved(directory::EmailRemoved) = "account.email_removed" v 1 plain;
    /// An account exists.
    AccountCreated(user::AccountCreated) = "account.created" v 1 plain;
    /// An account has a new password.
    PasswordSet(user::PasswordSet) = "account.password_set" v 1 secret;
    /// An account is closed for ever.
    AccountDeactivated(user::AccountDeactivated) = "account.deactivated" v 1 plain;
    /// A device logged in.
    SessionOpened(user::SessionOpened) = "session.opened" v 1 plain;
    /// A session has new tokens.
    CredentialsSet(user::CredentialsSet) = "session.credentials_set" v 1 secret;
    /// A device is gone.
    SessionClosed(user::SessionClosed) = "session.closed" v 1 plain;
    /// A device has a new name.
    DeviceRenamed(user::DeviceRenamed) = "device.renamed" v 1 plain;
    /// A profile has another value in one field.
    ProfileFieldSet(user::ProfileFieldSet) = "profile.field_set" v 1 plain;
    /// A piece of account data has new content.
    AccountDataSet(user::data::AccountDataSet) = "account_data.set" v 1 plain;
    /// Somebody has read up to an event.
    ReceiptSet(user::receipts::ReceiptSet) = "receipt.set" v 1 plain;
    /// A filter is kept.
    FilterCreated(user::filters::FilterCreated) = "filter.created" v 1 plain;
    /// A pusher is kept.
    PusherSet(user::pushers::PusherSet) = "pusher.set" v 1 plain;
    /// A pusher is gone.
    PusherRemoved(user::pushers::PusherRemoved) = "pusher.removed" v 1 plain;
    /// An address for media is reserved.
    MediaAnnounced(user::media::MediaAnnounced) = "media.announced" v 1 plain;
    /// Media was uploaded.
    MediaUploaded(user::media::MediaUploaded) = "media.uploaded" v 1 plain;
    /// A device published its identity keys.
    DeviceKeysUploaded(user::keys::DeviceKeysUploaded) = "keys.device_uploaded" v 1 plain;
    /// A device added one-time keys.
    OneTimeKeysUploaded(user::keys::OneTimeKeysUploaded) = "keys.one_time_uploaded" v 1 plain;
    /// A device set its fallback keys.
    FallbackKeysUploaded(user::keys::FallbackKeysUploaded) = "keys.fallback_uploaded" v 1 plain;
    /// One-time keys were given out.
    OneTimeKeysClaimed(user::keys::OneTimeKeysClaimed) = "keys.one_time_claimed" v 1 plain;
    /// Fallback keys were given out for the first time.
    FallbackKeysUsed(user::keys::FallbackKeysUsed) = "keys.fallback_used" v 1 plain;
    /// All one-time keys of a person are dropped after a restore.
    KeyEpochStarted(user::keys::EpochStarted) = "keys.epoch_started" v 1 plain;
    /// A person set cross-signing keys.
    CrossSigningKeysUploaded(user::cross_signing::CrossSigningKeysUploaded) = "keys.cross_signing_uploaded" v 1 plain;
    /// A person signed a device or a master key.
    SignaturesAdded(user::cross_signing::SignaturesAdded) = "keys.signatures_added" v 1 plain;
    /// A person stored a dehydrated device.
    DehydratedDeviceSet(user::dehydrated::DehydratedDeviceSet) = "keys.dehydrated_set" v 1 plain;
    /// A dehydrated device is gone.
    DehydratedDeviceRemoved(user::dehydrated::DehydratedDeviceRemoved) = "keys.dehydrated_removed" v 1 plain;
    /// A message waits for a device.
    InboxMessage(user::to_device::InboxMessage) = "inbox.message" v 1 plain;
    /// A device has received messages.
    InboxAcknowledged(user::to_device::InboxAcknowledged) = "inbox.acknowledged" v 1 plain;
    /// A device sent messages to devices.
    ToDeviceSent(user::to_device::ToDeviceSent) = "to_device.sent" v 1 plain;
    /// A backup of room keys was created.
    BackupCreated(backup::BackupCreated) = "backup.created" v 1 plain;
    /// The public data of a backup changed.
    BackupUpdated(backup::BackupUpdated) = "backup.updated" v 1 plain;
    /// A backup was deleted.
    BackupDeleted(backup::BackupDeleted) = "backup.deleted" v 1 plain;
    /// Keys were stored in a backup.
    BackupKeysStored(backup::BackupKeysStored) = "backup.keys_stored" v 1 plain;
    /// Keys of a backup were deleted.
    BackupKeysDeleted(backup::BackupKeysDeleted) = "backup.keys_deleted" v 1 plain;
}

impl Fact {
    /// The positions of records whose payloads this fact makes forgettable: they are erased together with its append.
    #[must_use]
    pub fn erases(&self) -> &[u64] {
        match self {
            Self::InboxAcknowledged(fact) => &fact.positions,
            Self::PduPruned(fact) => std::slice::from_ref(&fact.target_position),
            Self::PduExpired(fact) => std::slice::from_ref(&fact.target.position),
            _ => &[],
        }
    }
}

fn encode(kind: &'static str, version: u16, secret: bool, fact: &impl Serialize) -> Result<Encoded, CodecError> {
    let payload = serde_json::to_vec(fact).map_err(|source| CodecError::Payload { kind: kind.to_owned(), source })?;
    Ok(Encoded { kind, version, secret, payload })
}
