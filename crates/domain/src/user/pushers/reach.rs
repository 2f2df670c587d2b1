//! Notes how far a pusher was told, so that a start goes on from there.

use ruma::OwnedUserId;

use super::PusherReached;
use crate::{Command, Context, Decision, Fact, Rejection, user::UserState};

/// Notes how far a pusher was told. Of one that is gone nothing is noted.
#[derive(Clone, Debug)]
pub struct ReachPusher {
    /// Whose pusher.
    pub user_id: OwnedUserId,
    /// The application.
    pub app_id: String,
    /// The address within it.
    pub pushkey: String,
    /// It was told of everything up to this position of the log.
    pub position: u64,
    /// How many unread messages it was told of.
    pub unread: u32,
}

impl Command for ReachPusher {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Self { user_id, app_id, pushkey, position, unread } = self;
        let key = (app_id, pushkey);
        if !state.pushers.pushers.contains_key(&key) {
            return Ok(Decision::AlreadyDone(()));
        }
        let (app_id, pushkey) = key;
        Ok(Decision::accept([Fact::PusherReached(PusherReached { app_id, position, pushkey, unread, user_id })], ()))
    }
}
