//! `POST /_matrix/client/unstable/org.matrix.simplified_msc3575/sync` (MSC4186).

use std::{sync::Arc, time::Duration};

use axum::{extract::State, response::Response};
use domain::Rejection;
use engine::Engine;
use ruma::{
    api::{client::sync::sync_events::v5::Request, error::ErrorKind},
    events::StateEventType,
};
use views::{
    Reader, Rows,
    sync::sliding::{Answer, Connection, rebuilt, sync},
};

use super::{
    acknowledge::acknowledge,
    connections::Connections,
    poll::{is_far_behind, poll},
    sliding_pos::{Pos, digest},
    sliding_shape::Shape,
    typing::EngineTyping,
};
use crate::{
    app::ApiSettings,
    error::ApiError,
    extract::{Ruma, Sender},
    own_writes::OwnWrites,
    presence::told::take_sync,
    reader::position_of,
};

/// Longest name of a connection, bytes.
const CONN_ID_BYTES_MAX: usize = 64;
/// Lists in one request.
const LISTS_MAX: usize = 50;
/// Rooms subscribed to in one request.
const SUBSCRIPTIONS_MAX: usize = 1_000;
/// Pieces of state that one list or subscription asks for.
pub(crate) const REQUIRED_STATE_MAX: usize = 100;
/// Pieces of state that all lists of a request ask for: a room can be in all of them.
pub(crate) const REQUIRED_STATE_OF_LISTS_MAX: usize = 500;
/// Longest name of a list, type of state or state key, bytes.
const NAME_BYTES_MAX: usize = 255;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    State(connections): State<Connections>,
    State(own_writes): State<OwnWrites>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Response, ApiError> {
    check_bounds(&request)?;
    let conn_id = request.conn_id.as_deref().unwrap_or_default();
    let pos = request.pos.as_deref().map(parse_pos).transpose()?;
    let before = match pos {
        None => Arc::new(Connection::default()),
        // After a restart the numbers of answers begin anew.
        Some(pos) => match connections.at(&sender, conn_id, pos.number) {
            Some(before) if before.position() == pos.position => before,
            // Boxed, as every waiting poll holds this future.
            _ => Box::pin(make_anew(&engine, &sender, &request, pos)).await?,
        },
    };
    if let Some(since) = &request.extensions.to_device.since {
        acknowledge(&engine, &sender, position_of(since)?).await?;
    }
    let timeout = match pos {
        Some(_) => request.timeout.unwrap_or_default().min(settings.sync_timeout_max),
        None => Duration::ZERO,
    };
    if settings.presence {
        // Boxed, as every waiting poll holds this future.
        Box::pin(take_sync(&engine, &sender, request.set_presence.clone(), timeout)).await?;
    }
    let answer = |rows: &dyn Rows| {
        let reader = Reader::load(rows, &sender.user_id)?;
        let answer = sync(rows, sender.caller(&reader), &request, &before, &EngineTyping(&engine))?;
        let is_empty = answer.is_empty;
        Ok((answer, is_empty))
    };
    let tell = |Answer { mut response, connection, coverage, .. }: Answer| {
        let (position, digest) = (connection.position(), digest(&sender, &request, coverage));
        let number = connections.told(&sender, conn_id, pos.map(|pos| pos.number), connection);
        response.pos = Pos { number, position, coverage, digest }.to_string();
        Shape::from(response)
    };
    let is_long = pos.is_none() || is_far_behind(&engine, before.position());
    poll((&engine, &own_writes), &sender, timeout, None, is_long, answer, tell).await
}

/// What a connection had told of which nothing is in memory any more.
async fn make_anew(
    engine: &Engine,
    sender: &Sender,
    request: &Request,
    Pos { position, coverage, digest: of_pos, .. }: Pos,
) -> Result<Arc<Connection>, ApiError> {
    let too_old = || unknown_pos("The connection is too old. Start anew.");
    if of_pos != digest(sender, request, coverage) {
        return Err(too_old());
    }
    let made = engine.read(&sender.user_id, |rows| {
        let reader = Reader::load(rows, &sender.user_id)?;
        Ok::<_, ApiError>(rebuilt(rows, sender.caller(&reader), request, (position, coverage))?)
    });
    Ok(Arc::new(made.await?.ok_or_else(too_old)?))
}

fn parse_pos(pos: &str) -> Result<Pos, ApiError> {
    pos.parse().map_err(|_| unknown_pos("The position is not one of this server. Start anew."))
}

/// 400 `M_UNKNOWN_POS`, upon which clients start the connection anew.
fn unknown_pos(message: &'static str) -> ApiError {
    Rejection::new(400, ErrorKind::UnknownPos, message).into()
}

fn check_bounds(request: &Request) -> Result<(), ApiError> {
    let conn_id = request.conn_id.as_ref().map_or(0, String::len);
    if conn_id > CONN_ID_BYTES_MAX || request.lists.len() > LISTS_MAX || request.room_subscriptions.len() > SUBSCRIPTIONS_MAX
    {
        return Err(Rejection::invalid_param("Too many lists or rooms, or too long a connection id.").into());
    }
    if request.lists.keys().any(|name| name.len() > NAME_BYTES_MAX) {
        return Err(Rejection::invalid_param("The name of a list has at most 255 bytes.").into());
    }
    let of_lists = || request.lists.values().map(|list| &list.room_details.required_state);
    let of_rooms = request.room_subscriptions.values().map(|room| &room.required_state);
    if of_lists().map(Vec::len).sum::<usize>() > REQUIRED_STATE_OF_LISTS_MAX {
        return Err(Rejection::invalid_param("All lists together ask for at most 500 pieces of state.").into());
    }
    of_lists().chain(of_rooms).try_for_each(|required| check_required(required))
}

fn check_required(required: &[(StateEventType, String)]) -> Result<(), ApiError> {
    if required.len() > REQUIRED_STATE_MAX {
        return Err(Rejection::invalid_param("A list or a room asks for at most 100 pieces of state.").into());
    }
    let is_long = |(event_type, key): &(StateEventType, String)| {
        key.len() > NAME_BYTES_MAX || event_type.to_string().len() > NAME_BYTES_MAX
    };
    if required.iter().any(is_long) {
        return Err(Rejection::invalid_param("A type of state and a state key have at most 255 bytes.").into());
    }
    Ok(())
}
