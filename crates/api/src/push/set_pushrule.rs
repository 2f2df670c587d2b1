//! `PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}`

use axum::extract::State;
use domain::user::data::{ChangePushRules, PushRuleChange};
use engine::Engine;
use ruma::api::client::push::set_pushrule::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let change = PushRuleChange::Insert { rule: request.rule, after: request.after, before: request.before };
    engine.submit(ChangePushRules { user_id: sender.user_id, change }).await?;
    Ok(Ruma(Response::new()))
}
