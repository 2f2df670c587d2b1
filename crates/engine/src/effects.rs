//! Carries out what facts have left to do in other streams: the view `outbox` lists it. Each step is a command that changes
//! nothing when it was carried out before, so that after a crash all of it is simply done again.

mod erase;
pub(crate) mod wake;

use std::{future::Future, time::Duration};

use domain::{
    directory::{MoveAliases, RemoveEmail, RetireAdmin},
    outbox::FinishEffect,
    room::{ChangeMembership, MembershipAction, UnnameRoom},
    user::data::CarryPushRules,
};
use ruma::{OwnedRoomId, OwnedUserId, UserId, events::room::member::MembershipState};
use tokio::task::JoinSet;
use views::{
    membership::membership_at,
    outbox::{Effect, pending},
};

use crate::{Engine, SubmitError};

/// Rooms that one effect changes side by side.
const ROOMS_AT_ONCE: usize = 16;
/// The pause before the next try grows from the one to the other.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);

impl Engine {
    /// Carries out every effect there is and will be, for as long as it is polled.
    pub async fn run_effects(&self) {
        let mut pause = PAUSE_MIN;
        loop {
            match self.carry_out_effects().await {
                Ok(()) => {
                    pause = PAUSE_MIN;
                    self.effects().wait().await;
                }
                Err(SubmitError::Stopping) => return,
                Err(error) => {
                    tracing::warn!(effects.error = %error, "an effect waits; trying again soon");
                    // A new one need not wait for the next try of an old one.
                    let _woken = tokio::time::timeout(pause, self.effects().wait()).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    /// Carries out every effect there is.
    ///
    /// # Errors
    /// What kept an effect from being carried out; it is still there then. One that cannot be carried out keeps none behind it
    /// waiting; a server that takes nothing just now keeps all.
    pub async fn carry_out_effects(&self) -> Result<(), SubmitError> {
        let (mut after, mut failed) = (0, None);
        while self.is_ready() {
            let next = pending(&*self.rows(), after, 1)?.pop();
            let Some((position, effect)) = next else { break };
            after = position;
            match self.carry_out(position, effect).await {
                Ok(()) => {}
                Err(error @ (SubmitError::TooLarge(_) | SubmitError::Unreadable(_) | SubmitError::Fault(_))) => {
                    failed = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn carry_out(&self, position: u64, effect: Effect) -> Result<(), SubmitError> {
        match effect {
            Effect::Rename { user_id } => self.carry_name(&user_id).await?,
            Effect::Deactivate { erase, user_id } => {
                // First what others can still get.
                if erase {
                    self.erase_media_of(user_id.clone()).await?;
                }
                self.leave_everywhere(user_id.clone()).await?;
                if erase {
                    self.erase_person(user_id).await?;
                }
            }
            Effect::ForgetMedia { media_ids, user_id } => {
                self.forget_media(user_id, media_ids).await?;
            }
            Effect::Unname { alias, room_id, user_id } => {
                unless_refused(self.submit(UnnameRoom { room_id, sender: user_id, alias }).await)?;
            }
            Effect::CarryPushRules { room_id, user_id } => {
                let before = membership_at(&*self.rows(), &room_id, &user_id, position.saturating_sub(1))?;
                if before != MembershipState::Join {
                    unless_refused(self.submit(CarryPushRules { room_id, user_id }).await)?;
                }
            }
            Effect::MoveAliases { from, to } => unless_refused(self.submit(MoveAliases { from, to }).await)?,
        }
        self.submit(FinishEffect { position }).await
    }

    async fn carry_name(&self, user_id: &UserId) -> Result<(), SubmitError> {
        let rooms = views::membership::joined_rooms(&*self.rows(), user_id)?;
        self.change_everywhere(user_id, rooms, MembershipAction::Rename).await
    }

    /// Leaves every room, turns down every invite, gives the duties of an admin back, and frees the addresses.
    async fn leave_everywhere(&self, user_id: OwnedUserId) -> Result<(), SubmitError> {
        let is_in = [MembershipState::Join, MembershipState::Invite, MembershipState::Knock];
        let rooms = views::membership::rooms_of(&*self.rows(), &user_id)?;
        let rooms = rooms.into_iter().filter(|(_, room)| is_in.contains(&room.membership)).map(|(room_id, _)| room_id);
        self.change_everywhere(&user_id, rooms.collect(), MembershipAction::Leave).await?;
        unless_refused(self.submit(RetireAdmin { user_id: user_id.clone() }).await)?;
        unless_refused(self.submit(RemoveEmail { user_id, email: None }).await)
    }

    async fn change_everywhere(
        &self,
        user_id: &UserId,
        rooms: Vec<OwnedRoomId>,
        action: MembershipAction,
    ) -> Result<(), SubmitError> {
        let mut rooms = rooms.into_iter();
        let mut under_way: JoinSet<Result<(), SubmitError>> = JoinSet::new();
        loop {
            while under_way.len() < ROOMS_AT_ONCE
                && let Some(room_id) = rooms.next()
            {
                under_way.spawn(self.clone().change(room_id, user_id.to_owned(), action.clone()));
            }
            match under_way.join_next().await {
                Some(Ok(outcome)) => outcome?,
                Some(Err(_)) => return Err(SubmitError::Fault("a step of an effect panicked".into())),
                None => return Ok(()),
            }
        }
    }

    fn change(
        self,
        room_id: OwnedRoomId,
        user_id: OwnedUserId,
        action: MembershipAction,
    ) -> impl Future<Output = Result<(), SubmitError>> + Send {
        let command = ChangeMembership { room_id, sender: user_id.clone(), target: user_id, action, reason: None };
        async move { unless_refused(self.submit(command).await) }
    }
}

/// A room may forbid what the profile allows, and who is banned cannot leave: what the rules refuse stays as it is.
fn unless_refused<T>(outcome: Result<T, SubmitError>) -> Result<(), SubmitError> {
    match outcome {
        Ok(_) => Ok(()),
        Err(SubmitError::Rejected(rejection)) => {
            tracing::debug!(effects.refused = %rejection, "the rules refuse a step of an effect");
            Ok(())
        }
        Err(error) => Err(error),
    }
}
