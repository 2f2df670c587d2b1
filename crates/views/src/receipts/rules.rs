//! What a person's own push rules say of events (spec: "Push Rules"): rooms and people that are muted, keywords where the content is
//! readable, mentions. Who never changed a rule is counted by the index of `unread`, which says the same of what there mostly is.

use domain::user::data::PUSH_RULES;
use futures_util::FutureExt;
use projection::{Rows, ViewFault};
use ruma::{
    RoomId, UInt, UserId,
    events::{AnySyncTimelineEvent, room::member::MembershipState},
    push::{Action, PushConditionRoomCtx, Ruleset},
    serde::Raw,
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    account_data,
    membership::{count_with, member},
    rooms::{TimelineRow, power_levels_of},
};

/// Members that are counted: rules ask whether there are two.
const MEMBERS_MAX: usize = 1_000;

/// The rules of one person, for events of one room.
#[derive(Debug)]
pub struct PushRules {
    rules: Ruleset,
    context: PushConditionRoomCtx,
}

#[derive(Serialize)]
struct Event<'a> {
    content: &'a RawValue,
    room_id: &'a RoomId,
    sender: &'a UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_key: Option<&'a str>,
    #[serde(rename = "type")]
    event_type: &'a str,
}

impl PushRules {
    /// The rules that count for a person.
    ///
    /// # Errors
    /// A [`ViewFault`] when rows cannot be read.
    pub fn of(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Self, ViewFault> {
        let members = count_with(rows, room, &MembershipState::Join, MEMBERS_MAX)?;
        let name = member(rows, room, user)?.and_then(|member| member.display_name).unwrap_or_default();
        let members = UInt::new_saturating(members as u64);
        let mut context = PushConditionRoomCtx::new(room.to_owned(), members, user.to_owned(), name);
        if let Some(levels) = power_levels_of(rows, room)? {
            context = context.with_power_levels(levels.into());
        }
        Ok(Self { rules: account_data::push_rules(rows, user)?, context })
    }

    /// The same for somebody who changed a rule once; none for everybody else.
    ///
    /// # Errors
    /// A [`ViewFault`] when rows cannot be read.
    pub fn changed(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Option<Self>, ViewFault> {
        match account_data::global_data(rows, user, PUSH_RULES)? {
            Some(_) => Self::of(rows, room, user).map(Some),
            None => Ok(None),
        }
    }

    /// What is to be done about an event of somebody else; nothing for one's own.
    ///
    /// # Errors
    /// A [`ViewFault`] when the event has no JSON form.
    pub fn actions(&self, row: &TimelineRow) -> Result<&[Action], ViewFault> {
        let event = Event {
            content: &row.content,
            room_id: &self.context.room_id,
            sender: &row.sender,
            state_key: row.state_key.as_deref(),
            event_type: &row.event_type,
        };
        let json = to_raw_value(&event).map_err(|error| ViewFault::caused("an event does not encode", error))?;
        let event: Raw<AnySyncTimelineEvent> = Raw::from_json(json);
        // It waits for nothing: rules only look.
        Ok(self.rules.get_actions(&event, &self.context).now_or_never().unwrap_or_default())
    }
}

/// Whether the actions notify, and whether they highlight.
#[must_use]
pub fn notifies(actions: &[Action]) -> (bool, bool) {
    let notifies = actions.iter().any(Action::should_notify);
    (notifies, notifies && actions.iter().any(Action::is_highlight))
}

#[cfg(test)]
mod tests {
    use domain::{Fact, user::data::AccountDataSet};
    use serde_json::{Value, json, value::to_raw_value};

    use crate::{
        fixture::{World, room, user},
        receipts::{Unread, unread},
    };

    /// A room of alice, bob and carol, with some things that alice and carol said.
    fn given() -> World {
        let mut world = World::default();
        world.create("r", "alice");
        for name in ["bob", "carol"] {
            world.member("r", "alice", name, "join");
        }
        world.send("r", "alice", "m.room.encrypted", json!({}));
        world.send("r", "carol", "m.room.encrypted", json!({}));
        world.send("r", "alice", "m.room.message", json!({ "msgtype": "m.text", "body": "Tea is ready" }));
        world.send("r", "carol", "m.room.encrypted", json!({ "m.mentions": { "user_ids": ["@bob:h"] } }));
        world
    }

    fn counted(world: &World) -> (usize, usize) {
        let found = unread(&*world.rows(), &room("r"), &world.reader("bob")).unwrap();
        let Unread { notification_count, highlight_count } = found;
        (notification_count, highlight_count)
    }

    #[test]
    fn what_notifies_is_what_the_persons_rules_say() {
        assert_eq!(counted(&given()), (4, 1), "without rules of their own");
        let rule =
            |id: &str, actions: Value| json!({ "rule_id": id, "default": false, "enabled": true, "actions": actions });
        let pattern = json!({ "rule_id": "tea", "default": false, "enabled": true, "pattern": "tea", "actions": ["notify", { "set_tweak": "highlight" }] });
        let master =
            json!({ "rule_id": ".m.rule.master", "default": true, "enabled": true, "conditions": [], "actions": [] });
        let here = json!([{ "kind": "event_match", "key": "room_id", "pattern": "!r:h" }]);
        let mut muted = rule("!r:h", json!([]));
        muted["conditions"] = here;
        for (rules, expected, what) in [
            (json!({}), (4, 1), "none of their own"),
            (json!({ "override": [master] }), (0, 0), "everything is off"),
            (json!({ "override": [muted] }), (0, 0), "the room is muted, as Element does it"),
            (json!({ "room": [rule("!r:h", json!([]))] }), (1, 1), "only mentions of the room"),
            (json!({ "sender": [rule("@carol:h", json!([]))] }), (3, 1), "somebody is muted, and mentions come before"),
            (json!({ "content": [pattern] }), (4, 2), "a word, where it can be read"),
        ] {
            let mut world = given();
            let content = to_raw_value(&json!({ "global": rules })).unwrap();
            let event_type = "m.push_rules".to_owned();
            world.fact(Fact::AccountDataSet(AccountDataSet { content, room_id: None, event_type, user_id: user("bob") }));
            assert_eq!(counted(&world), expected, "{what}");
        }
    }
}
