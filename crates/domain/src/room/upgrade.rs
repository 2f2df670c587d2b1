//! Replaces a room by one of another version (spec: `POST /rooms/{roomId}/upgrade`).
//!
//! The new room, the tombstone in the old one and the old one's closed power levels are one decision of the old room's
//! lane: either all of it happens or nothing.

use ruma::{
    CanonicalJsonObject, CanonicalJsonValue, OwnedRoomId, OwnedUserId, RoomId, RoomVersionId,
    api::client::room::create_room::v3::RoomPreset,
    events::{StateEventType, TimelineEventType, room::member::MembershipState},
    room_version_rules::RoomIdFormatVersion,
};
use serde_json::json;

use super::{
    build::{PduDraft, build_pdu},
    content::object,
    create::{Builder, NewRoom},
    facts::RoomUpgraded,
    membership::not_in_room,
    pdu::PduAdded,
    power::creators,
    state::RoomState,
};
use crate::{Command, Context, Decision, Fact, NewFact, Rejection};

/// State that moves to the new room, in the order it is set there. Bans move too.
const MOVED: [StateEventType; 9] = [
    StateEventType::RoomServerAcl,
    StateEventType::RoomEncryption,
    StateEventType::RoomName,
    StateEventType::RoomAvatar,
    StateEventType::RoomTopic,
    StateEventType::RoomGuestAccess,
    StateEventType::RoomHistoryVisibility,
    StateEventType::RoomJoinRules,
    StateEventType::RoomCanonicalAlias,
];
/// Bans that move: with the rest they fit into the 1,000 records that a unit of the log holds.
const BANS_MAX: usize = 900;
/// Bytes of what the bans say: with the rest they fit into the 16 MiB that a unit of the log holds.
const BANS_BYTES_MAX: usize = 4 << 20;
/// Content of the create event that moves; the rest is of the old room alone.
const MOVED_CREATE_KEYS: [&str; 2] = ["type", "m.federate"];
/// What is said in the old room.
const TOMBSTONE_BODY: &str = "This room has been replaced";

/// The power it takes to write in a room that was replaced.
const POWER_IN_CLOSED_ROOM: i32 = 50;

/// The power of whoever created a room of version 12 in one of an earlier version: enough for all that there is by default.
const POWER_OF_CREATORS: i32 = 150;

/// Replaces a room.
#[derive(Clone, Debug)]
pub struct UpgradeRoom {
    /// The room.
    pub room_id: OwnedRoomId,
    /// Who does it.
    pub sender: OwnedUserId,
    /// The version of the new room.
    pub version: RoomVersionId,
    /// More creators of a room of version 12.
    pub additional_creators: Vec<OwnedUserId>,
}

impl Command for UpgradeRoom {
    type On = RoomState;
    type Reply = OwnedRoomId;

    fn key(&self) -> OwnedRoomId {
        self.room_id.clone()
    }

    fn decide(self, old: &RoomState, context: &Context<'_>) -> Result<Decision<OwnedRoomId>, Rejection> {
        if old.membership(&self.sender) != MembershipState::Join {
            return Err(not_in_room());
        }
        let sender = self.sender.clone();
        let room_id = self.room_id.clone();
        let id = Builder::new_id(context)?;
        // The new room names the tombstone, and the tombstone the new room, whose id is therefore chosen first. Where it is computed from
        // what the room names, it names the old room alone.
        let is_id_chosen = self.version.rules().is_some_and(|rules| rules.room_id_format == RoomIdFormatVersion::V1);
        let first = is_id_chosen.then(|| self.tombstone(old, &id, context)).transpose()?;
        let (new_id, mut facts) = self.new_room(old, id, first.as_ref(), context)?;
        let tombstone = first.map_or_else(|| self.tombstone(old, &new_id, context), Ok)?;
        let mut closing = old.clone();
        closing.add(&tombstone);
        facts.push(NewFact::Own(Fact::PduAdded(tombstone)));
        facts.push(NewFact::Own(Fact::RoomUpgraded(RoomUpgraded { replacement_id: new_id.clone(), room_id })));
        // Who may end a room may not always change its power levels or its main address; these stay as they are then.
        let last = [draft_unnamed(&closing, &sender), draft_closed(&closing, &sender)];
        for draft in last.into_iter().flatten() {
            if let Ok(pdu) = build_pdu(&closing, draft, context) {
                let added = PduAdded { pdu, transaction: None };
                closing.add(&added);
                facts.push(NewFact::Own(Fact::PduAdded(added)));
            }
        }
        Ok(Decision::Accept { facts, reply: new_id })
    }
}

fn draft(sender: &OwnedUserId, event_type: TimelineEventType, content: CanonicalJsonObject) -> PduDraft {
    PduDraft { sender: sender.clone(), event_type, state_key: Some(String::new()), content, redacts: None }
}

/// The old room without its main address, which the new one has.
fn draft_unnamed(old: &RoomState, sender: &OwnedUserId) -> Option<PduDraft> {
    old.get(&StateEventType::RoomCanonicalAlias, "")?;
    Some(draft(sender, TimelineEventType::RoomCanonicalAlias, CanonicalJsonObject::new()))
}

/// Power levels by which the old room's ordinary members can neither write nor invite any more (spec: "Server
/// behaviour" of room upgrades).
fn draft_closed(old: &RoomState, sender: &OwnedUserId) -> Option<PduDraft> {
    let mut levels = content_of(old.get(&StateEventType::RoomPowerLevels, "")?);
    let ordinary = levels.get("users_default").and_then(CanonicalJsonValue::as_integer).unwrap_or_default();
    let closed = ruma::Int::from(POWER_IN_CLOSED_ROOM).max(ordinary + ruma::Int::from(1));
    for key in ["events_default", "invite"] {
        let current = levels.get(key).and_then(CanonicalJsonValue::as_integer).unwrap_or_default();
        levels.insert(key.to_owned(), CanonicalJsonValue::Integer(current.max(closed)));
    }
    Some(draft(sender, TimelineEventType::RoomPowerLevels, levels))
}

impl UpgradeRoom {
    /// What says in the old room where the new one is.
    fn tombstone(&self, old: &RoomState, new_id: &RoomId, context: &Context<'_>) -> Result<PduAdded, Rejection> {
        let content = object(json!({ "body": TOMBSTONE_BODY, "replacement_room": new_id.as_str() }))?;
        let draft = draft(&self.sender, TimelineEventType::RoomTombstone, content);
        Ok(PduAdded { pdu: build_pdu(old, draft, context)?, transaction: None })
    }

    fn new_room(
        &self,
        old: &RoomState,
        id: OwnedRoomId,
        tombstone: Option<&PduAdded>,
        context: &Context<'_>,
    ) -> Result<(OwnedRoomId, Vec<NewFact>), Rejection> {
        let room = NewRoom {
            creation_content: self.creation_content(old, tombstone)?,
            creator: self.sender.clone(),
            version: Some(self.version.clone()),
            preset: RoomPreset::PrivateChat,
            initial_state: Vec::new(),
            power_level_override: CanonicalJsonObject::new(),
            name: None,
            topic: None,
            alias: None,
            invites: Vec::new(),
            is_direct: false,
        };
        let mut new = Builder::create(&room, self.version.clone(), id, context)?;
        new.join()?;
        let levels = self.power_levels(old, &new)?;
        // The first power levels give the one who upgrades the power to set everything else; theirs come last.
        new.set("m.room.power_levels", "", raised(&levels, &self.sender, &new)?)?;
        for event_type in MOVED {
            if let Some(pdu) = old.get(&event_type, "") {
                new.set(&event_type.to_string(), "", content_of(pdu))?;
            }
        }
        for (user, content) in bans(old)? {
            new.set("m.room.member", user, content)?;
        }
        if new.state().get(&StateEventType::RoomPowerLevels, "").is_none_or(|pdu| content_of(pdu) != levels) {
            new.set("m.room.power_levels", "", levels)?;
        }
        new.finish()
    }

    fn creation_content(&self, old: &RoomState, tombstone: Option<&PduAdded>) -> Result<CanonicalJsonObject, Rejection> {
        let mut content = old.get(&StateEventType::RoomCreate, "").map(|pdu| content_of(pdu)).unwrap_or_default();
        content.retain(|key, _| MOVED_CREATE_KEYS.contains(&key.as_str()));
        let mut predecessor = CanonicalJsonObject::from([("room_id".to_owned(), old.id()?.to_string().into())]);
        if let Some(tombstone) = tombstone {
            predecessor.insert("event_id".to_owned(), tombstone.pdu.event_id.to_string().into());
        }
        content.insert("predecessor".to_owned(), predecessor.into());
        if !self.additional_creators.is_empty() {
            let ids = self.additional_creators.iter().map(|user| user.to_string().into()).collect();
            content.insert("additional_creators".to_owned(), CanonicalJsonValue::Array(ids));
        }
        Ok(content)
    }

    /// The old room's power levels as the new room's version allows them: version 12 refuses creators in them, and before it creators have
    /// the power that stands there.
    fn power_levels(&self, old: &RoomState, new: &Builder<'_, '_>) -> Result<CanonicalJsonObject, Rejection> {
        let mut levels = old.get(&StateEventType::RoomPowerLevels, "").map(|pdu| content_of(pdu)).unwrap_or_default();
        let rules = &old.rules()?.authorization;
        let are_above = new.state().rules()?.authorization.explicitly_privilege_room_creators;
        let users = levels.entry("users".to_owned()).or_insert_with(|| CanonicalJsonObject::new().into());
        let CanonicalJsonValue::Object(users) = users else { return Ok(levels) };
        if are_above {
            users.remove(self.sender.as_str());
            users.retain(|user, _| !self.additional_creators.iter().any(|creator| creator == user));
        } else if rules.explicitly_privilege_room_creators
            && let Some(create) = old.get(&StateEventType::RoomCreate, "")
        {
            let creators = creators(rules, &create.sender, &create.content);
            let power = CanonicalJsonValue::Integer(ruma::Int::from(POWER_OF_CREATORS));
            users.extend(creators.into_iter().map(|creator| (creator.to_string(), power.clone())));
        }
        Ok(levels)
    }
}

/// The bans of a room, by user id.
///
/// # Errors
/// 413 `M_TOO_LARGE` for more than one decision can move. A room without its bans would be open to those who are banned.
fn bans(old: &RoomState) -> Result<Vec<(&str, CanonicalJsonObject)>, Rejection> {
    let (mut bans, mut bytes) = (Vec::new(), 0);
    for ((_, user), pdu) in old.iter().filter(|((event_type, _), _)| *event_type == StateEventType::RoomMember) {
        let content = content_of(pdu);
        if content.get("membership").and_then(CanonicalJsonValue::as_str) == Some("ban") {
            bytes += pdu.content.get().len();
            bans.push((user.as_str(), content));
        }
    }
    if bans.len() > BANS_MAX || bytes > BANS_BYTES_MAX {
        let message = "An upgrade moves at most 900 bans, 4 MiB in all. Lift some of them first.";
        return Err(Rejection::too_large(message));
    }
    Ok(bans)
}

/// `levels` with everything within reach of `user`, whose own level is at least the highest that is asked for.
fn raised(
    levels: &CanonicalJsonObject,
    user: &OwnedUserId,
    new: &Builder<'_, '_>,
) -> Result<CanonicalJsonObject, Rejection> {
    let mut raised = levels.clone();
    if new.state().rules()?.authorization.explicitly_privilege_room_creators {
        return Ok(raised);
    }
    let highest = levels
        .get("events")
        .and_then(CanonicalJsonValue::as_object)
        .into_iter()
        .flat_map(|events| events.values().filter_map(CanonicalJsonValue::as_integer))
        .chain(["state_default", "ban"].iter().filter_map(|key| levels.get(*key)?.as_integer()))
        .chain([ruma::Int::from(100)])
        .max()
        .unwrap_or_default();
    let users = raised.entry("users".to_owned()).or_insert_with(|| CanonicalJsonObject::new().into());
    if let CanonicalJsonValue::Object(users) = users {
        let own = users.get(user.as_str()).and_then(CanonicalJsonValue::as_integer).unwrap_or_default();
        users.insert(user.to_string(), CanonicalJsonValue::Integer(own.max(highest)));
    }
    Ok(raised)
}

fn content_of(pdu: &super::Pdu) -> CanonicalJsonObject {
    pdu.content_as().unwrap_or_default()
}
