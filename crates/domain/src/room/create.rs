//! Creates a room (spec: `POST /createRoom`): its first PDUs in the order that the specification lists them.
//!
//! A room that wants an address or a place in the public list is decided on by the directory's lane, so that the name
//! and the room come into being together; any other by the lane of its creator.

mod builder;
mod initial;
mod new_room;

use std::collections::BTreeSet;

use ruma::{OwnedRoomId, OwnedUserId, api::error::ErrorKind};

use crate::{
    Command, Context, Decision, Fact, NewFact, Rejection,
    directory::{AliasAdded, DirectoryState, RoomListed, check_alias},
    lookup::Lookup,
    user::UserState,
};

use super::membership::no_such_person;
pub(super) use builder::Builder;
pub use new_room::{InitialState, NewRoom, ROOM_VERSIONS};

/// How many people can be invited while a room is created.
pub const INVITES_MAX: usize = 200;
/// How many pieces of state a client can ask for while a room is created.
pub const INITIAL_STATE_MAX: usize = 200;

/// Creates a room without an address.
#[derive(Clone, Debug)]
pub struct CreateRoom(pub NewRoom);

impl Command for CreateRoom {
    type On = UserState;
    type Reply = OwnedRoomId;

    fn key(&self) -> OwnedUserId {
        self.0.creator.clone()
    }

    fn decide(self, _state: &UserState, context: &Context<'_>) -> Result<Decision<OwnedRoomId>, Rejection> {
        let (room_id, facts) = self.0.build(context)?;
        Ok(Decision::Accept { facts, reply: room_id })
    }
}

/// Creates a room with an address, or one that is listed.
#[derive(Clone, Debug)]
pub struct CreateNamedRoom {
    /// The room.
    pub room: NewRoom,
    /// Whether it stands in the public list.
    pub is_listed: bool,
}

impl Command for CreateNamedRoom {
    type On = DirectoryState;
    type Reply = OwnedRoomId;

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, context: &Context<'_>) -> Result<Decision<OwnedRoomId>, Rejection> {
        let alias = self.room.alias.clone();
        alias.as_deref().map_or(Ok(()), check_alias)?;
        if alias.as_ref().is_some_and(|alias| state.aliases.room_of(alias).is_some()) {
            return Err(Rejection::new(400, ErrorKind::RoomInUse, "The room address is taken."));
        }
        let creator = self.room.creator.clone();
        let (room_id, mut facts) = self.room.build(context)?;
        if let Some(alias) = alias {
            let fact = AliasAdded { alias, room_id: room_id.clone(), creator };
            facts.push(NewFact::Own(Fact::AliasAdded(fact)));
        }
        if self.is_listed {
            let fact = RoomListed { room_id: room_id.clone(), is_listed: true };
            facts.push(NewFact::Own(Fact::RoomListed(fact)));
        }
        Ok(Decision::Accept { facts, reply: room_id })
    }
}

impl NewRoom {
    /// The room's id and its first facts.
    fn build(mut self, context: &Context<'_>) -> Result<(OwnedRoomId, Vec<NewFact>), Rejection> {
        if self.invites.len() > INVITES_MAX || self.initial_state.len() > INITIAL_STATE_MAX {
            return Err(Rejection::invalid_param("That is too many invites or too much state for one request."));
        }
        self.check_invites(context.lookup)?;
        let version = self.version.clone().unwrap_or_else(|| context.policy.default_room_version.clone());
        let mut builder = Builder::create(&self, version, Builder::new_id(context)?, context)?;
        builder.populate(self)?;
        builder.finish()
    }

    /// Leaves out who is named twice, and the creator.
    ///
    /// # Errors
    /// 404 `M_NOT_FOUND` for people whom this server does not know.
    fn check_invites(&mut self, lookup: &dyn Lookup) -> Result<(), Rejection> {
        let mut seen = BTreeSet::from([self.creator.clone()]);
        self.invites.retain(|invitee| seen.insert(invitee.clone()));
        for invitee in &self.invites {
            if !lookup.is_account(invitee)? {
                return Err(no_such_person());
            }
        }
        Ok(())
    }
}
