//! Who is how powerful in a room (spec: `m.room.power_levels`), for rules that the authorization rules leave to servers.

use ruma::{
    OwnedUserId, UserId,
    events::{
        StateEventType,
        room::power_levels::{RoomPowerLevels, RoomPowerLevelsSource},
    },
    room_version_rules::AuthorizationRules,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::state::RoomState;
use crate::Rejection;

/// The creators that a create PDU names, by the rules of its room's version.
#[must_use]
pub fn creators(rules: &AuthorizationRules, sender: &UserId, create_content: &RawValue) -> Vec<OwnedUserId> {
    #[derive(Deserialize)]
    struct Content {
        creator: Option<OwnedUserId>,
        #[serde(default)]
        additional_creators: Vec<OwnedUserId>,
    }
    let Ok(content) = serde_json::from_str::<Content>(create_content.get()) else {
        return vec![sender.to_owned()];
    };
    let first = if rules.use_room_create_sender { None } else { content.creator };
    let mut creators = vec![first.unwrap_or_else(|| sender.to_owned())];
    if rules.additional_room_creators {
        creators.extend(content.additional_creators);
    }
    creators
}

/// The power levels of a room with these creators and this content of `m.room.power_levels`, if there is any.
#[must_use]
pub fn power_levels(rules: &AuthorizationRules, creators: Vec<OwnedUserId>, content: Option<&RawValue>) -> RoomPowerLevels {
    let source = content
        .and_then(|content| serde_json::from_str(content.get()).ok())
        .map_or(RoomPowerLevelsSource::None, RoomPowerLevelsSource::Original);
    RoomPowerLevels::new(source, rules, creators)
}

impl RoomState {
    /// The power levels of the room.
    ///
    /// # Errors
    /// 404 `M_NOT_FOUND` when there is no such room.
    pub fn power_levels(&self) -> Result<RoomPowerLevels, Rejection> {
        let rules = &self.rules()?.authorization;
        let creators = self
            .get(&StateEventType::RoomCreate, "")
            .map(|create| creators(rules, &create.sender, &create.content))
            .unwrap_or_default();
        let content = self.get(&StateEventType::RoomPowerLevels, "").map(|pdu| &*pdu.content);
        Ok(power_levels(rules, creators, content))
    }
}
