//! `GET /_matrix/client/v1/rooms/{roomId}/threads`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::threads::get_threads::v1::{IncludeThreads, Request, Response};
use views::{
    END,
    rooms::entry_of,
    show::{ThreadScope, thread_roots},
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    reader::{RoomReader, bounded, position_of, token_of},
};

/// The most threads that one response holds.
const THREADS_MAX: usize = 100;
/// As many as a response holds when the client does not say.
const THREADS_DEFAULT: u32 = 20;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine
        .read(&sender.user_id, |rows| {
            let reader = RoomReader::open(rows, &sender, &request.room_id)?;
            let limit = bounded(request.limit.unwrap_or_else(|| THREADS_DEFAULT.into()), THREADS_MAX);
            let scope = match request.include {
                IncludeThreads::Participated => ThreadScope::Participated(&sender.user_id),
                _ => ThreadScope::All,
            };
            let through = request.from.as_deref().map(position_of).transpose()?.unwrap_or(END);
            let mut roots = thread_roots(rows, &request.room_id, &reader.sight, scope, through, limit + 1)?;
            let more = roots.len() > limit;
            roots.truncate(limit);
            let mut chunk = Vec::with_capacity(roots.len());
            for (_, root) in &roots {
                if let Some(entry) = entry_of(rows, &request.room_id, root)?
                    && reader.sight.may_see(&entry)
                {
                    chunk.push(reader.render(&entry)?);
                }
            }
            let mut response = Response::new(chunk);
            response.next_batch =
                roots.last().filter(|_| more).map(|(newest_reply, _)| token_of(newest_reply.saturating_sub(1)));
            Ok(Ruma(response))
        })
        .await
}
