//! Builds a room PDU by PDU on a state of its own, before the room has a lane.

use std::sync::Arc;

use ruma::{
    CanonicalJsonObject, OwnedRoomId, OwnedUserId, RoomId, RoomVersionId,
    api::{client::room::create_room::v3::RoomPreset, error::ErrorKind},
    events::TimelineEventType,
    room_version_rules::RoomIdFormatVersion,
};

use super::{
    initial,
    new_room::{NewRoom, ROOM_VERSIONS},
};
use crate::{
    Context, Fact, NewFact, Rejection, Stream,
    room::{
        PduAdded, RoomState,
        build::{PduDraft, build_pdu},
        content::member_content,
        encryption::ensure_algorithm,
    },
};

/// Letters of the part of a room id that is chosen at random.
const ROOM_ID_LETTERS: usize = 18;
/// Letters that make the create events of two rooms differ, from which room version 12 computes the room's id.
const NONCE_LETTERS: usize = 18;
/// Where they stand in the create event.
const NONCE_KEY: &str = "org.hearth.nonce";

/// A room that is being built.
pub(in crate::room) struct Builder<'a, 'c> {
    state: RoomState,
    creator: OwnedUserId,
    facts: Vec<Fact>,
    context: &'a Context<'c>,
}

impl<'a, 'c> Builder<'a, 'c> {
    /// The id of a new room, where the room's version does not compute it from the create PDU.
    pub(in crate::room) fn new_id(context: &Context<'_>) -> Result<OwnedRoomId, Rejection> {
        let random = format!("!{}:{}", context.entropy.token(ROOM_ID_LETTERS), context.server_name);
        RoomId::parse(random).map_err(|_| Rejection::unknown("The room could not be given an id."))
    }

    /// Starts a room with its create PDU.
    pub(in crate::room) fn create(
        room: &NewRoom,
        version: RoomVersionId,
        id: OwnedRoomId,
        context: &'a Context<'c>,
    ) -> Result<Self, Rejection> {
        if !ROOM_VERSIONS.contains(&version) {
            let message = "Rooms are made in versions 3 to 12 here.";
            return Err(Rejection::new(400, ErrorKind::UnsupportedRoomVersion, message));
        }
        let state = RoomState::empty(id, version.clone())?;
        let rules = state.rules()?.clone();
        let mut content = room.creation_content.clone();
        content.insert("room_version".to_owned(), version.to_string().into());
        content.remove("creator");
        if !rules.authorization.use_room_create_sender {
            content.insert("creator".to_owned(), room.creator.to_string().into());
        }
        let id_is_hash = rules.room_id_format == RoomIdFormatVersion::V2;
        if id_is_hash {
            content.insert(NONCE_KEY.to_owned(), context.entropy.token(NONCE_LETTERS).into());
        }
        if rules.authorization.additional_room_creators && room.preset == RoomPreset::TrustedPrivateChat {
            initial::add_creators(&mut content, &room.invites)?;
        }
        let mut builder = Self { state, creator: room.creator.clone(), facts: Vec::new(), context };
        let draft = builder.draft("m.room.create", "", content);
        let pdu = build_pdu(&builder.state, draft, context).map_err(invalid_state)?;
        if id_is_hash {
            // The room has its id from this PDU, which the other one is no part of.
            builder.state = RoomState::default();
        }
        builder.add(PduAdded { pdu, transaction: None });
        Ok(builder)
    }

    /// Adds everything that a client asked for, in the order of the specification.
    pub(super) fn populate(&mut self, room: NewRoom) -> Result<(), Rejection> {
        self.join()?;
        let rules = self.state.rules()?.clone();
        let wants = |event_type: &str| room.initial_state.iter().any(|state| state.event_type == event_type);
        if !wants("m.room.power_levels") {
            let levels = initial::power_levels(&room, &rules.authorization)?;
            self.set("m.room.power_levels", "", levels)?;
        }
        if let Some(alias) = &room.alias {
            self.set("m.room.canonical_alias", "", initial::alias(alias))?;
        }
        for (event_type, content) in initial::preset_state(&room.preset)? {
            if !wants(event_type) {
                self.set(event_type, "", content)?;
            }
        }
        if self.context.policy.require_encryption && !wants("m.room.encryption") {
            self.set("m.room.encryption", "", initial::encryption()?)?;
        }
        for state in room.initial_state {
            if state.event_type == "m.room.encryption" {
                ensure_algorithm(&state.content, self.context.policy)?;
            }
            self.set(&state.event_type, &state.state_key, state.content)?;
        }
        if let Some(name) = room.name {
            self.set("m.room.name", "", initial::name(name))?;
        }
        if let Some(topic) = room.topic {
            self.set("m.room.topic", "", initial::topic(&topic)?)?;
        }
        for invitee in &room.invites {
            let mut content = member_content("invite", Some(&self.context.lookup.profile(invitee)?), None);
            if room.is_direct {
                content.insert("is_direct".to_owned(), true.into());
            }
            self.set("m.room.member", invitee.as_str(), content)?;
        }
        Ok(())
    }

    /// Joins the creator, under the name of their profile.
    pub(in crate::room) fn join(&mut self) -> Result<(), Rejection> {
        let creator = self.creator.clone();
        let content = member_content("join", Some(&self.context.lookup.profile(&creator)?), None);
        self.set("m.room.member", creator.as_str(), content)
    }

    /// Adds state that the creator sets.
    pub(in crate::room) fn set(
        &mut self,
        event_type: &str,
        state_key: &str,
        content: CanonicalJsonObject,
    ) -> Result<(), Rejection> {
        let draft = self.draft(event_type, state_key, content);
        let pdu = build_pdu(&self.state, draft, self.context).map_err(invalid_state)?;
        self.add(PduAdded { pdu, transaction: None });
        Ok(())
    }

    /// The rules of the room's version and what is in it so far.
    pub(in crate::room) fn state(&self) -> &RoomState {
        &self.state
    }

    /// The room's id and its facts.
    pub(in crate::room) fn finish(self) -> Result<(OwnedRoomId, Vec<NewFact>), Rejection> {
        let room_id = self.state.id()?.clone();
        let stream = Stream::Room(room_id.clone());
        Ok((room_id, self.facts.into_iter().map(|fact| NewFact::Of(stream.clone(), fact)).collect()))
    }

    fn draft(&self, event_type: &str, state_key: &str, content: CanonicalJsonObject) -> PduDraft {
        PduDraft {
            sender: self.creator.clone(),
            event_type: TimelineEventType::from(event_type),
            state_key: Some(state_key.to_owned()),
            content,
            redacts: None,
        }
    }

    fn add(&mut self, added: PduAdded) {
        self.state.add(&added);
        self.facts.push(Fact::PduAdded(PduAdded { pdu: Arc::clone(&added.pdu), transaction: None }));
    }
}

/// What the rules refuse while a room is created is a fault of the request (spec: 400 `M_INVALID_ROOM_STATE`).
fn invalid_state(rejection: Rejection) -> Rejection {
    if rejection.status == 403 { Rejection::new(400, ErrorKind::InvalidRoomState, rejection.message) } else { rejection }
}
