//! Identities: this device's place in one's own, and those of the people in a chat.

use std::collections::HashSet;

use futures_util::{FutureExt, StreamExt, pin_mut, select};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    identity::{Confirmation, Identity, Peer},
    trouble::Trouble,
};
use matrix_sdk::{
    Room, RoomMemberships,
    encryption::{VerificationState, identities::UserIdentity},
    ruma::{OwnedUserId, UserId},
};
use matrix_sdk_base::crypto::{IdentityState, IdentityStatusChange};

use super::{Account, names::PersonName, trouble::of_sdk};
use crate::browser;

/// The most people of a chat that are looked at.
const MAX_PEOPLE: usize = 50;
/// How often it is looked whether a new chat is known.
const LOOK_AGAIN_MS: u32 = 250;

impl Account {
    /// Reports whether this device is confirmed, now and on every change, for as long as it is polled. An account without
    /// an identity, whose first try failed or which another app made, gets one here.
    pub(crate) async fn watch_confirmation(&self, mut report: impl FnMut(Confirmation)) {
        let mut states = self.client.encryption().verification_state();
        while let Some(state) = states.next().await {
            report(match state {
                VerificationState::Unknown => Confirmation::Unknown,
                VerificationState::Verified => Confirmation::Confirmed,
                VerificationState::Unverified => match self.set_up_identity(None).await {
                    Ok(()) if self.is_confirmed().await => Confirmation::Confirmed,
                    _ => Confirmation::Unconfirmed,
                },
            });
        }
    }

    /// Whether one's own identity has signed this device.
    pub(super) async fn is_confirmed(&self) -> bool {
        let device = self.client.encryption().get_own_device().await.ok().flatten();
        device.is_some_and(|device| device.is_cross_signed_by_owner())
    }

    /// Reports what is known of the others in a chat, now and on every change, for as long as it is polled.
    pub(crate) async fn watch_people(&self, chat_id: &str, mut report: impl FnMut(Vec<Peer>)) {
        // A chat made a moment ago may not be known yet.
        let room = loop {
            match self.room(chat_id) {
                Ok(room) => break room,
                Err(_) => TimeoutFuture::new(LOOK_AGAIN_MS).await,
            }
        };
        let encryption = self.client.encryption();
        let (Ok(statuses), Ok(devices), Ok(identities)) = (
            room.subscribe_to_identity_status_changes().await,
            encryption.devices_stream().await,
            encryption.user_identities_stream().await,
        ) else {
            return browser::warn("following identities failed");
        };
        pin_mut!(statuses, devices, identities);
        let mut changed = HashSet::new();
        let mut asked = HashSet::new();
        loop {
            // All that is there already counts before anything is said.
            while let Some(Some(batch)) = statuses.next().now_or_never() {
                note(&mut changed, batch);
            }
            report(self.people_of(&room, &changed, &mut asked).await);
            select! {
                batch = statuses.next().fuse() => match batch {
                    Some(batch) => note(&mut changed, batch),
                    None => return,
                },
                update = devices.next().fuse() => if update.is_none() { return },
                update = identities.next().fuse() => if update.is_none() { return },
            }
        }
    }

    async fn people_of(&self, room: &Room, changed: &HashSet<OwnedUserId>, asked: &mut HashSet<OwnedUserId>) -> Vec<Peer> {
        let members = match room.members(RoomMemberships::ACTIVE).await {
            Ok(members) => members,
            Err(_) => room.members_no_sync(RoomMemberships::ACTIVE).await.unwrap_or_default(),
        };
        let mut people = Vec::new();
        for member in members.iter().filter(|member| member.user_id() != room.own_user_id()).take(MAX_PEOPLE) {
            let user_id = member.user_id();
            let mut peer = Peer {
                user_id: user_id.to_string(),
                name: PersonName::new(member.display_name(), user_id.as_str()).shown,
                ..Peer::default()
            };
            self.fill(&mut peer, user_id, changed.contains(user_id)).await;
            // Nobody's keys were asked for before the first message is about to be sent to them; that would be too late.
            if peer.identity == Identity::Unknown && asked.insert(user_id.to_owned()) {
                match self.client.encryption().request_user_identity(user_id).await {
                    Ok(_) => self.fill(&mut peer, user_id, changed.contains(user_id)).await,
                    Err(error) => browser::warn(&format!("asking for an identity: {error}")),
                }
            }
            people.push(peer);
        }
        people
    }

    async fn fill(&self, peer: &mut Peer, user_id: &UserId, is_changed: bool) {
        let encryption = self.client.encryption();
        let identity = encryption.get_user_identity(user_id).await.ok().flatten();
        let Ok(devices) = encryption.get_user_devices(user_id).await else { return };
        peer.confirmed = 0;
        peer.unconfirmed.clear();
        for device in devices.devices().filter(|device| !device.is_deleted()) {
            if device.is_cross_signed_by_owner() {
                peer.confirmed += 1;
            } else {
                peer.unconfirmed.push(device.display_name().unwrap_or(device.device_id().as_str()).to_owned());
            }
        }
        peer.key = identity.as_ref().and_then(|identity| Some(identity.master_key().get_first_key()?.to_base64()));
        peer.identity = match identity {
            None if peer.unconfirmed.is_empty() => Identity::Unknown,
            None => Identity::Missing,
            Some(identity) if identity.is_verified() => Identity::Verified,
            Some(identity) if identity.has_verification_violation() => Identity::Replaced,
            Some(_) if is_changed => Identity::Changed,
            Some(_) => Identity::Unverified,
        };
    }

    /// Takes somebody's identity as it is now: they are no longer asked to be who they were.
    ///
    /// # Errors
    /// When nothing is known of their identity, or it cannot be kept.
    pub(crate) async fn take_identity(&self, user_id: &str) -> Result<(), Trouble> {
        let user_id = UserId::parse(user_id).map_err(|_| Trouble::NoSuchPerson)?;
        // Withdrawing takes the identity of now as the one to expect, too.
        self.identity_of(&user_id).await?.withdraw_verification().await.map_err(|_| Trouble::NoStorage)
    }

    /// Somebody's identity as it is known here.
    pub(super) async fn identity_of(&self, user_id: &UserId) -> Result<UserIdentity, Trouble> {
        let encryption = self.client.encryption();
        if let Ok(Some(identity)) = encryption.get_user_identity(user_id).await {
            return Ok(identity);
        }
        encryption.request_user_identity(user_id).await.map_err(|error| of_sdk(&error))?.ok_or(Trouble::NotOffered)
    }
}

/// Notes who has another identity than before.
fn note(changed: &mut HashSet<OwnedUserId>, batch: Vec<IdentityStatusChange>) {
    for status in batch {
        if status.changed_to == IdentityState::PinViolation {
            changed.insert(status.user_id);
        } else {
            changed.remove(&status.user_id);
        }
    }
}
