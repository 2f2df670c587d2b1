//! `GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::push::get_pushrule_enabled::v3::{Request, Response};

use super::rule::rule;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let rule = rule(&engine, &sender.user_id, request.kind, &request.rule_id)?;
    Ok(Ruma(Response::new(rule.enabled())))
}
