//! One person: account, sessions and devices, profile, account data, end-to-end keys, and sending to devices.
//!
//! All of it is decided on one stream, because the parts depend on each other: removing a device also removes its keys.

mod account;
pub mod admin;
mod close_session;
pub mod cross_signing;
pub mod data;
mod deactivate;
pub mod dehydrated;
mod devices;
pub mod erasure;
mod facts;
pub mod filters;
pub mod keys;
pub mod media;
mod open_session;
pub mod profile;
pub mod pushers;
pub mod receipts;
mod refresh_session;
mod rename_device;
pub mod reports;
mod session_tokens;
mod set_password;
#[cfg(test)]
mod tests;
pub mod to_device;
mod token;
mod unknown_token;
mod use_credentials;

pub use account::{AccountState, locked_account};
pub use close_session::{CloseSessions, WhichSessions};
pub use deactivate::Deactivate;
pub use devices::{DEVICE_NAME_BYTES_MAX, DEVICES_MAX, DeviceState};
pub use facts::{
    AccountCreated, AccountDeactivated, CredentialsSet, CredentialsUsed, DeviceRenamed, PasswordSet, SessionClosed,
    SessionOpened,
};
pub use open_session::{NewSession, OpenSession, OpenedSession};
pub use profile::{ProfileFieldSet, SetProfileField};
pub use refresh_session::{RefreshSession, Refreshed};
pub use rename_device::RenameDevice;
pub use session_tokens::{SessionTokens, TokenPair, UNUSED_MAX};
pub use set_password::SetPassword;
pub use token::{RefreshToken, TokenHash};
pub use unknown_token::unknown_access_token;
pub use use_credentials::UseCredentials;

use std::mem;

use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};

use crate::{Aggregate, Fact, Stream};

/// What the lane of one person knows. Each part evolves by itself from the facts that concern it.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct UserState {
    /// Whether the account exists and is active.
    pub account: AccountState,
    /// Sessions; each has one device.
    pub devices: DeviceState,
    /// Display name, avatar and other fields.
    pub profile: profile::ProfileState,
    /// Account data, tags and push rules.
    pub data: data::DataState,
    /// How far rooms have been read.
    pub receipts: receipts::ReceiptState,
    /// Filters for syncs.
    pub filters: filters::FilterState,
    /// Pushers of sessions.
    pub pushers: pushers::PusherState,
    /// Announced uploads, and how much was uploaded.
    pub media: media::MediaState,
    /// Identity, one-time and fallback keys of devices.
    pub keys: keys::KeyState,
    /// Cross-signing keys.
    pub cross_signing: cross_signing::CrossSigningState,
    /// The device without a session.
    pub dehydrated: dehydrated::DehydratedState,
    /// Requests to send to devices.
    pub sending: to_device::SendingState,
}

impl Aggregate for UserState {
    const SNAPSHOT_VERSION: u32 = 7;

    type Key = OwnedUserId;

    fn stream(user_id: &OwnedUserId) -> Stream {
        Stream::User(user_id.clone())
    }

    fn evolve(&mut self, fact: &Fact) {
        if let Fact::AccountErased(_) = fact {
            // The facts that these two are folded from stay.
            let (account, media) = (mem::take(&mut self.account), mem::take(&mut self.media));
            *self = Self { account, media, ..Self::default() };
        }
        self.account.evolve(fact);
        self.devices.evolve(fact);
        self.profile.evolve(fact);
        self.data.evolve(fact);
        self.receipts.evolve(fact);
        self.filters.evolve(fact);
        self.pushers.evolve(fact);
        self.media.evolve(fact);
        self.keys.evolve(fact);
        self.cross_signing.evolve(fact);
        self.dehydrated.evolve(fact);
        self.sending.evolve(fact);
    }
}
