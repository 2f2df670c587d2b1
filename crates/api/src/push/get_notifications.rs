//! `GET /_matrix/client/v3/notifications`

use axum::extract::State;
use engine::Engine;
use ruma::{
    MilliSecondsSinceUnixEpoch, RoomId, UInt, UserId,
    api::client::push::get_notifications::v3::{Notification, Request, Response},
    push::Action,
    serde::Raw,
};
use views::{
    END, Reader, Rows,
    membership::Sight,
    receipts::{PushRules, ReadUpTo, does_notify, notifies},
    rooms::{Entry, thread_of, timeline_before},
    show::{Viewer, render},
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    reader::{position_of, token_of},
};

/// The most notifications that one page gives.
const PAGE_MAX: u64 = 100;
/// How many events of each room are looked at for one page.
const EVENTS_PER_ROOM_MAX: usize = 200;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine
        .read(&sender.user_id, |rows| {
            let limit = request.limit.map_or(20, |limit| u64::from(limit).clamp(1, PAGE_MAX));
            let limit = usize::try_from(limit).unwrap_or_default();
            let through = request.from.as_deref().map(position_of).transpose()?.unwrap_or(END);
            let only_highlights = request.only.as_deref() == Some("highlight");
            let mut found = Vec::new();
            let reader = Reader::load(rows, &sender.user_id)?;
            for room_id in views::membership::joined_rooms(rows, &sender.user_id)? {
                let events = timeline_before(rows, &room_id, through, EVENTS_PER_ROOM_MAX)?;
                let sight = Sight::load(rows, &room_id, &reader)?;
                let rules = PushRules::of(rows, &room_id, &sender.user_id)?;
                let mut of_room = 0;
                for entry in events {
                    if of_room == limit || !does_notify(&entry.1) || !sight.may_see(&entry) {
                        continue;
                    }
                    let actions = rules.actions(&entry.1)?;
                    let (is_notified, is_highlighted) = notifies(actions);
                    if is_notified && (is_highlighted || !only_highlights) {
                        of_room += 1;
                        found.push((room_id.clone(), entry, actions.to_vec()));
                    }
                }
            }
            found.sort_unstable_by_key(|(_, (position, _), _)| std::cmp::Reverse(*position));
            let is_more = found.len() > limit;
            found.truncate(limit);
            let next_token =
                found.last().filter(|_| is_more).map(|(_, (position, _), _)| token_of(position.saturating_sub(1)));
            let mut response = Response::new(Vec::with_capacity(found.len()));
            for (room_id, entry, actions) in found {
                response.notifications.push(notification(rows, &reader, &sender, (&room_id, &entry), actions)?);
            }
            response.next_token = next_token;
            Ok(Ruma(response))
        })
        .await
}

fn notification(
    rows: &dyn Rows,
    reader: &Reader,
    sender: &Sender,
    (room_id, entry): (&RoomId, &Entry),
    actions: Vec<Action>,
) -> Result<Notification, ApiError> {
    let device = Some(&*sender.device_id);
    let viewer = Viewer { reader, device, now_ms: sender.asked_at_ms, with_room_id: false, sight: None };
    let event = Raw::from_json(render(rows, room_id, entry, viewer)?);
    let ts = MilliSecondsSinceUnixEpoch(UInt::new_saturating(entry.1.origin_server_ts));
    let is_read = is_read(rows, room_id, &sender.user_id, entry)?;
    Ok(Notification::new(actions, event, is_read, room_id.to_owned(), ts))
}

fn is_read(rows: &dyn Rows, room_id: &RoomId, user_id: &UserId, (position, row): &Entry) -> Result<bool, ApiError> {
    let thread = thread_of(rows, room_id, &row.event_id)?;
    Ok(ReadUpTo::of(rows, room_id, user_id)?.through(thread.as_deref()) >= *position)
}
