//! One push rule, as the endpoints that read it or a part of it find it.

use domain::Rejection;
use engine::Engine;
use ruma::{
    UserId,
    push::{AnyPushRule, RuleKind},
};

use crate::error::ApiError;

/// One rule of a person, 404 when there is none.
pub(super) fn rule(engine: &Engine, user_id: &UserId, kind: RuleKind, rule_id: &str) -> Result<AnyPushRule, ApiError> {
    let rules = views::account_data::push_rules(&*engine.rows(), user_id)?;
    let rule = rules.get(kind, rule_id).map(|rule| rule.to_owned());
    Ok(rule.ok_or_else(|| Rejection::not_found("There is no such push rule."))?)
}
