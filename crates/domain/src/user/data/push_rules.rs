//! Changes a person's push rules (spec: "Push rules API"). They are kept as account data `m.push_rules`.

use ruma::{
    OwnedUserId, UserId,
    api::error::ErrorKind,
    push::{Action, InsertPushRuleError, NewPushRule, RemovePushRuleError, RuleKind, Ruleset},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{super::UserState, AccountDataSet, PUSH_RULES};
use crate::{Command, Context, Decision, Rejection};

/// How many rules one account may have beyond those of the server.
const RULES_MAX: usize = 2_000;

#[derive(Deserialize)]
struct Stored {
    global: Ruleset,
}

#[derive(Serialize)]
struct Storing<'a> {
    global: &'a Ruleset,
}

/// The rules that count for a person: the stored ones, or none yet, with this server's defaults of today.
#[must_use]
pub fn merged_push_rules(user_id: &UserId, stored: Option<&RawValue>) -> Ruleset {
    let defaults = Ruleset::server_default(user_id);
    match stored.and_then(|content| serde_json::from_str::<Stored>(content.get()).ok()) {
        Some(Stored { mut global }) => {
            global.update_with_server_default(defaults);
            global
        }
        None => defaults,
    }
}

/// One change of push rules.
#[derive(Clone, Debug)]
pub enum PushRuleChange {
    /// Adds a rule or replaces it, behind `after` or ahead of `before`.
    Insert {
        /// The rule.
        rule: NewPushRule,
        /// The id of the rule right before it.
        after: Option<String>,
        /// The id of the rule right behind it.
        before: Option<String>,
    },
    /// Removes a rule.
    Remove(RuleKind, String),
    /// Says what a rule does.
    SetActions(RuleKind, String, Vec<Action>),
    /// Turns a rule on or off.
    SetEnabled(RuleKind, String, bool),
}

/// Changes a person's push rules.
#[derive(Clone, Debug)]
pub struct ChangePushRules {
    /// Whose rules.
    pub user_id: OwnedUserId,
    /// How.
    pub change: PushRuleChange,
}

impl Command for ChangePushRules {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?.clone();
        let rules = merged_push_rules(&user_id, state.data.content(None, PUSH_RULES));
        change_rules(state, user_id, rules, [self.change])
    }
}

/// Changes rules one after the other, and says what follows.
pub(super) fn change_rules(
    state: &UserState,
    user_id: OwnedUserId,
    mut rules: Ruleset,
    changes: impl IntoIterator<Item = PushRuleChange>,
) -> Result<Decision<()>, Rejection> {
    changes.into_iter().try_for_each(|change| apply(&mut rules, change))?;
    if rules.iter().count() > RULES_MAX {
        return Err(Rejection::forbidden("The account has as many push rules as it may have."));
    }
    let content = serde_json::value::to_raw_value(&Storing { global: &rules })
        .map_err(|_| Rejection::bad_json("The push rule has no JSON form."))?;
    let fact = AccountDataSet { user_id, room_id: None, event_type: PUSH_RULES.to_owned(), content };
    Ok(match state.data.change(fact)? {
        Some(fact) => Decision::accept([fact], ()),
        None => Decision::AlreadyDone(()),
    })
}

fn apply(rules: &mut Ruleset, change: PushRuleChange) -> Result<(), Rejection> {
    let unknown = || Rejection::not_found("There is no such push rule.");
    match change {
        PushRuleChange::Insert { rule, after, before } => {
            rules.insert(rule, after.as_deref(), before.as_deref()).map_err(|error| refused_insert(&error))
        }
        PushRuleChange::Remove(kind, id) => rules.remove(kind, id).map_err(|error| match error {
            RemovePushRuleError::ServerDefault => Rejection::invalid_param("The server's own rules cannot be removed."),
            _ => unknown(),
        }),
        PushRuleChange::SetActions(kind, id, actions) => rules.set_actions(kind, id, actions).map_err(|_| unknown()),
        PushRuleChange::SetEnabled(kind, id, enabled) => rules.set_enabled(kind, id, enabled).map_err(|_| unknown()),
    }
}

fn refused_insert(error: &InsertPushRuleError) -> Rejection {
    match error {
        InsertPushRuleError::UnknownRuleId => Rejection::not_found("There is no such push rule to put it next to."),
        InsertPushRuleError::BeforeHigherThanAfter => Rejection::new(
            400,
            ErrorKind::InvalidParam,
            "A rule cannot be ahead of one and behind another that comes later.",
        ),
        InsertPushRuleError::ServerDefaultRuleId | InsertPushRuleError::RelativeToServerDefaultRule => {
            Rejection::invalid_param("Ids that begin with a dot are the server's own rules.")
        }
        _ => Rejection::invalid_param("That is no id for a push rule."),
    }
}
