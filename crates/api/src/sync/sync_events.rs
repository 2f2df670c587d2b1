//! `GET /_matrix/client/v3/sync` (spec: "Syncing").

use std::{sync::Arc, time::Duration};

use axum::{extract::State, response::Response};
use domain::Rejection;
use engine::Engine;
use ruma::api::client::{
    filter::{EventFormat, FilterDefinition},
    sync::sync_events::v3::{Filter, Request},
};
use views::{Reader, SyncToken, sync::v3::Query};

use super::{
    acknowledge::acknowledge,
    federation::federate,
    poll::{is_far_behind, poll},
    shape::Shape,
    typing::EngineTyping,
};
use crate::{
    app::ApiSettings,
    error::ApiError,
    extract::{Boxed, Ruma, Sender},
    own_writes::OwnWrites,
    presence::told::{news, take_sync},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    State(own_writes): State<OwnWrites>,
    sender: Sender,
    Boxed(request): Boxed<Ruma<Request>>,
) -> Result<Response, ApiError> {
    let set_presence = request.0.set_presence.clone();
    let (query, timeout) = query_of(&engine, &settings, &sender, request)?;
    if settings.presence {
        // Boxed, as every waiting poll holds this future.
        Box::pin(take_sync(&engine, &sender, set_presence, timeout)).await?;
    }
    let since = query.since;
    if let Some(since) = since {
        acknowledge(&engine, &sender, since.position).await?;
    }
    let keys_before = views::sync::keys_left(&*engine.rows(), &sender.user_id, &sender.device_id)?;
    let answer = |rows: &dyn views::Rows| {
        let reader = Reader::load(rows, &sender.user_id)?;
        let (mut response, is_empty) = views::sync::v3::sync(rows, sender.caller(&reader), &query, &EngineTyping(&engine))?;
        if settings.presence {
            let changes_since = since.unwrap_or_default().typing;
            response.presence.events = news(&engine, rows, &reader, changes_since, &query.filter.presence)?;
        }
        let is_empty = is_empty && response.presence.is_empty();
        if query.filter.event_format == EventFormat::Federation {
            federate(&engine, rows, &mut response)?;
        }
        // A one-time key that was given out while the client waits is news too.
        let keys_changed = response.device_one_time_keys_count != keys_before.one_time
            || response.device_unused_fallback_key_types.as_ref() != Some(&keys_before.fallback);
        Ok((response, is_empty && !keys_changed && !query.full_state))
    };
    let quiet_since = since.filter(|_| !query.full_state);
    let is_long = query.full_state || since.is_none_or(|since| is_far_behind(&engine, since.position));
    poll((&engine, &own_writes), &sender, timeout, quiet_since, is_long, answer, Shape::from).await
}

/// What is asked for, and how long an answer may take.
fn query_of(
    engine: &Engine,
    settings: &ApiSettings,
    sender: &Sender,
    request: Box<Ruma<Request>>,
) -> Result<(Box<Query>, Duration), ApiError> {
    let Ruma(request) = *request;
    let since = request.since.as_deref().map(str::parse::<SyncToken>).transpose()?;
    let filter = filter_of(engine, sender, request.filter)?;
    let timeout = match since {
        Some(_) => request.timeout.unwrap_or_default().min(settings.sync_timeout_max),
        None => Duration::ZERO,
    };
    let query = Query { since, filter, full_state: request.full_state, use_state_after: request.use_state_after };
    Ok((Box::new(query), timeout))
}

fn filter_of(engine: &Engine, sender: &Sender, filter: Option<Filter>) -> Result<FilterDefinition, ApiError> {
    match filter {
        None => Ok(FilterDefinition::default()),
        Some(Filter::FilterDefinition(definition)) => Ok(definition),
        Some(Filter::FilterId(id)) => {
            let stored = views::account_data::filter(&*engine.rows(), &sender.user_id, &id)?
                .ok_or_else(|| Rejection::invalid_param("There is no such filter."))?;
            serde_json::from_str(stored.get()).map_err(|_| Rejection::invalid_param("The filter does not read.").into())
        }
        Some(_) => Err(Rejection::invalid_param("The filter does not read.").into()),
    }
}
