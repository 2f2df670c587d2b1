//! Lets the push rules for a room that was replaced hold for the one that replaces it (spec: "Room upgrades").

use ruma::{
    OwnedRoomId, OwnedUserId, RoomId,
    events::StateEventType,
    push::{
        EventMatchConditionData, NewConditionalPushRule, NewPushRule, NewSimplePushRule, PushCondition, RuleKind, Ruleset,
    },
};

use super::{
    super::UserState,
    PUSH_RULES,
    push_rules::{PushRuleChange, change_rules, merged_push_rules},
};
use crate::{Command, Context, Decision, Rejection, room::predecessor};

/// Copies a person's rules for the room before this one. What they have said of this one stays as it is.
#[derive(Clone, Debug)]
pub struct CarryPushRules {
    /// The new room.
    pub room_id: OwnedRoomId,
    /// Whose rules.
    pub user_id: OwnedUserId,
}

impl Command for CarryPushRules {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?.clone();
        let Some(stored) = state.data.content(None, PUSH_RULES) else { return Ok(Decision::AlreadyDone(())) };
        let create = context.lookup.state(&self.room_id, &StateEventType::RoomCreate, "")?;
        let Some(old) = create.as_ref().and_then(predecessor) else { return Ok(Decision::AlreadyDone(())) };
        let rules = merged_push_rules(&user_id, Some(stored));
        let changes = carried(&rules, old, &self.room_id);
        change_rules(state, user_id, rules, changes)
    }
}

/// The changes that make the rules for one room hold for another one.
fn carried(rules: &Ruleset, old: &RoomId, new: &RoomId) -> Vec<PushRuleChange> {
    let mut changes = Vec::new();
    if let Some(rule) = rules.room.get(old.as_str())
        && rules.room.get(new.as_str()).is_none()
    {
        let copy = NewPushRule::Room(NewSimplePushRule::new(new.to_owned(), rule.actions.clone()));
        changes.push(PushRuleChange::Insert { rule: copy, after: None, before: None });
        changes.push(PushRuleChange::SetEnabled(RuleKind::Room, new.to_string(), rule.enabled));
    }
    // Clients mute a room by a rule of this kind, whose id is the room's.
    let is_of_room = |condition: &PushCondition| matches!(condition, PushCondition::EventMatch(matched) if matched.key == "room_id" && matched.pattern == old.as_str());
    for rule in rules.override_.iter().filter(|rule| !rule.default && rule.conditions.iter().any(is_of_room)) {
        let id = if rule.rule_id.contains(old.as_str()) {
            rule.rule_id.replace(old.as_str(), new.as_str())
        } else {
            format!("{} {new}", rule.rule_id)
        };
        if rules.override_.get(id.as_str()).is_some() {
            continue;
        }
        let conditions = rule.conditions.iter().map(|condition| {
            if is_of_room(condition) {
                let matched = EventMatchConditionData::new("room_id".to_owned(), new.to_string());
                PushCondition::EventMatch(matched)
            } else {
                condition.clone()
            }
        });
        let copy = NewConditionalPushRule::new(id.clone(), conditions.collect(), rule.actions.clone());
        let after = Some(rule.rule_id.clone());
        changes.push(PushRuleChange::Insert { rule: NewPushRule::Override(copy), after, before: None });
        changes.push(PushRuleChange::SetEnabled(RuleKind::Override, id, rule.enabled));
    }
    changes
}
