//! A room's state names an address no longer that was taken away (spec: `DELETE /directory/room/{roomAlias}`).

use ruma::{CanonicalJsonObject, CanonicalJsonValue, OwnedRoomAliasId, OwnedRoomId, OwnedUserId, events::StateEventType};

use super::{
    build::{PduDraft, build_pdu},
    pdu::PduAdded,
    state::RoomState,
};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Takes an address out of the room's main and other addresses. Nothing to do where they do not name it, or where it leads to the room
/// again.
#[derive(Clone, Debug)]
pub struct UnnameRoom {
    /// The room.
    pub room_id: OwnedRoomId,
    /// Who took the address away.
    pub sender: OwnedUserId,
    /// The address.
    pub alias: OwnedRoomAliasId,
}

impl Command for UnnameRoom {
    type On = RoomState;
    type Reply = ();

    fn key(&self) -> OwnedRoomId {
        self.room_id.clone()
    }

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let named = state.get(&StateEventType::RoomCanonicalAlias, "");
        let before: CanonicalJsonObject = named.and_then(|pdu| pdu.content_as()).unwrap_or_default();
        let content = without(&before, &self.alias);
        if content == before || context.lookup.room_of_alias(&self.alias)? == Some(self.room_id) {
            return Ok(Decision::AlreadyDone(()));
        }
        let draft = PduDraft {
            sender: self.sender,
            event_type: StateEventType::RoomCanonicalAlias.to_string().into(),
            state_key: Some(String::new()),
            content,
            redacts: None,
        };
        let pdu = build_pdu(state, draft, context)?;
        Ok(Decision::accept([Fact::PduAdded(PduAdded { pdu, transaction: None })], ()))
    }
}

fn without(content: &CanonicalJsonObject, alias: &OwnedRoomAliasId) -> CanonicalJsonObject {
    let is_it = |value: &CanonicalJsonValue| value.as_str() == Some(alias.as_str());
    let mut content = content.clone();
    if content.get("alias").is_some_and(is_it) {
        content.remove("alias");
    }
    if let Some(CanonicalJsonValue::Array(more)) = content.get_mut("alt_aliases") {
        more.retain(|value| !is_it(value));
    }
    content
}
