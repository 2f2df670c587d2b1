//! `GET /_matrix/client/v1/rooms/{roomId}/hierarchy`

use std::collections::BTreeSet;

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::{
    OwnedRoomId, RoomId,
    api::client::space::{
        SpaceHierarchyRoomsChunk,
        get_hierarchy::v1::{Request, Response},
    },
    room::RoomType,
    serde::Raw,
};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use views::{
    Rows,
    rooms::{TimelineRow, current_state, entry_at},
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    reader::bounded,
    room_summary::{may_know, summary_of},
};

/// The most rooms that one response holds.
const ROOMS_MAX: usize = 50;
/// The most rooms that are walked through for one client.
const WALKED_MAX: usize = 1_000;
/// How deep spaces in spaces are followed.
const DEPTH_MAX: u64 = 10;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine
        .read(&sender.user_id, |rows| {
            let limit = request.limit.map_or(ROOMS_MAX, |limit| bounded(limit, ROOMS_MAX));
            let skip: usize = match request.from.as_deref() {
                Some(from) => from
                    .strip_prefix('h')
                    .and_then(|number| number.parse().ok())
                    .ok_or_else(|| Rejection::invalid_param("That is not a token of this list."))?,
                None => 0,
            };
            let mut chunks = walk(rows, &sender, &request)?;
            if chunks.is_empty() {
                return Err(Rejection::forbidden("There is no such room that you may know of.").into());
            }
            let next = skip.saturating_add(limit);
            let mut response = Response::new();
            response.next_batch = (next < chunks.len()).then(|| format!("h{next}"));
            response.rooms = chunks.drain(..).skip(skip).take(limit).collect();
            Ok(Ruma(response))
        })
        .await
}

/// The rooms below the one that is asked for, depth first, as far as the sender may know them.
fn walk(rows: &dyn Rows, sender: &Sender, request: &Request) -> Result<Vec<SpaceHierarchyRoomsChunk>, ApiError> {
    let depth_max = request.max_depth.map_or(DEPTH_MAX, |depth| u64::from(depth).min(DEPTH_MAX));
    let mut chunks = Vec::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<(OwnedRoomId, u64)> = vec![(request.room_id.clone(), 0)];
    while let Some((room, depth)) = waiting.pop() {
        if !seen.insert(room.clone()) || chunks.len() == WALKED_MAX {
            continue;
        }
        let Some((info, summary)) = summary_of(rows, &room)? else {
            continue;
        };
        if !may_know(rows, &room, &info, Some(&sender.user_id))? {
            continue;
        }
        let is_space = info.room_type == Some(RoomType::Space);
        let children = if is_space { children(rows, &room, request.suggested_only)? } else { Vec::new() };
        if depth < depth_max {
            waiting.extend(children.iter().rev().map(|child| (child.room.clone(), depth + 1)));
        }
        let state = children.into_iter().map(|child| Raw::from_json(child.stripped)).collect();
        chunks.push(SpaceHierarchyRoomsChunk::new(summary, state));
    }
    Ok(chunks)
}

struct Child {
    room: OwnedRoomId,
    order: Option<String>,
    at_ms: u64,
    stripped: Box<RawValue>,
}

/// The children of a space in the order of the specification: by `order`, then by time, then by id.
fn children(rows: &dyn Rows, space: &RoomId, suggested_only: bool) -> Result<Vec<Child>, ApiError> {
    #[derive(Deserialize)]
    struct Content {
        via: Option<Vec<String>>,
        order: Option<String>,
        #[serde(default)]
        suggested: bool,
    }
    let mut children = Vec::new();
    for ((event_type, key), position) in current_state(rows, space)? {
        let (true, Ok(room)) = (event_type == "m.space.child", OwnedRoomId::try_from(key)) else {
            continue;
        };
        let Some(row) = entry_at(rows, space.as_str(), position)? else {
            continue;
        };
        let Some(content) = row.content_as::<Content>() else {
            continue;
        };
        if content.via.is_some() && (content.suggested || !suggested_only) {
            children.push(Child { room, order: content.order, at_ms: row.origin_server_ts, stripped: strip(&row)? });
        }
    }
    children.sort_by(|a, b| {
        (a.order.is_none(), &a.order, a.at_ms, &a.room).cmp(&(b.order.is_none(), &b.order, b.at_ms, &b.room))
    });
    Ok(children)
}

fn strip(row: &TimelineRow) -> Result<Box<RawValue>, ApiError> {
    #[derive(Serialize)]
    struct Stripped<'a> {
        content: &'a RawValue,
        origin_server_ts: u64,
        sender: &'a str,
        state_key: Option<&'a str>,
        #[serde(rename = "type")]
        event_type: &'a str,
    }
    let stripped = Stripped {
        content: &row.content,
        origin_server_ts: row.origin_server_ts,
        sender: row.sender.as_str(),
        state_key: row.state_key.as_deref(),
        event_type: &row.event_type,
    };
    to_raw_value(&stripped).map_err(|_| Rejection::unknown("The space has state that cannot be shown.").into())
}
