//! `PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions`

use axum::extract::State;
use domain::user::data::{ChangePushRules, PushRuleChange};
use engine::Engine;
use ruma::api::client::push::set_pushrule_actions::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let change = PushRuleChange::SetActions(request.kind, request.rule_id, request.actions);
    engine.submit(ChangePushRules { user_id: sender.user_id, change }).await?;
    Ok(Ruma(Response::new()))
}
