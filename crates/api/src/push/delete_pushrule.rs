//! `DELETE /_matrix/client/v3/pushrules/global/{kind}/{ruleId}`

use axum::extract::State;
use domain::{
    Stream,
    user::data::{ChangePushRules, PushRuleChange},
};
use engine::Engine;
use ruma::api::client::push::delete_pushrule::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    limits::Limits,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    limits.write(&sender.user_id)?;
    let change = PushRuleChange::Remove(request.kind, request.rule_id);
    engine.submit(Stream::User(sender.user_id), ChangePushRules(change)).await?;
    Ok(Ruma(Response::new()))
}
