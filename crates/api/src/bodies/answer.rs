//! Answers hold their room until they are sent or their client is gone.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    response::{IntoResponse as _, Response},
};
use engine::SubmitError;
use http_body::{Frame, SizeHint};

use super::{Bodies, Holder, Kind, SHARES};
use crate::{class::Class, error::ApiError, paged::PAGED_BYTES};

/// Smaller answers are part of what a connection takes, bytes.
const SMALL_BYTES: usize = 4 << 10;

impl Bodies {
    /// Takes room for an answer that is in memory, as a whole or a page of it after the other, until it is sent. When there is none, the answer becomes a refusal: 413
    /// if it is larger than all of the room, otherwise 429.
    ///
    /// Somebody who waits for no other answer may have one of any size that there is room for. What was written cannot be
    /// refused any more, so the answers to that are counted and never refused.
    pub(crate) fn admit_answer(&self, class: Class, holder: Option<Holder>, answer: Response) -> Response {
        // What does not know its length is made in pages.
        let bytes =
            answer.body().size_hint().exact().map_or(PAGED_BYTES, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        // Media is streamed, whatever size it says.
        let is_streamed = matches!(class, Class::Download) || answer.extensions().get::<Streamed>().is_some();
        if bytes <= SMALL_BYTES || is_streamed {
            return answer;
        }
        let has_written = matches!(class, Class::Login | Class::Logout | Class::Write | Class::Bulk | Class::Upload);
        let budget = if has_written { usize::MAX } else { self.memory.answers_bytes };
        let of_one = (budget / SHARES).max(bytes);
        let mut keys = vec![((Kind::Answer, None), budget)];
        keys.extend(holder.map(|holder| ((Kind::Answer, Some(holder)), of_one)));
        match self.take(keys, bytes) {
            Ok(place) => until_sent(answer, Arc::new(place)),
            Err(_) if bytes > budget => ApiError::from(SubmitError::AnswerTooLarge).into_response(),
            Err(refusal) => refusal.into_response(),
        }
    }
}

/// Goes with an answer whose bytes are read as they are sent.
#[derive(Clone, Copy)]
pub(crate) struct Streamed;

/// The same answer, which holds something until then.
pub(crate) fn until_sent<P: Send + Sync + 'static>(answer: Response, place: Arc<P>) -> Response {
    answer.map(|body| Body::new(Sent { body, place }))
}

/// The body of an answer, and its room.
struct Sent<P> {
    body: Body,
    place: Arc<P>,
}

/// A part of it. The connection holds the parts until the client takes them, long after it has dropped the body.
struct Part<P> {
    bytes: Bytes,
    _place: Arc<P>,
}

impl<P> AsRef<[u8]> for Part<P> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<P: Send + Sync + 'static> HttpBody for Sent<P> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        let part = |bytes| Bytes::from_owner(Part { bytes, _place: Arc::clone(&self.place) });
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;
    use crate::memory::MemoryPlan;

    const KIB: usize = 1 << 10;

    fn holder(number: u32) -> Option<Holder> {
        Some(Holder::Address(std::net::IpAddr::from(number.to_be_bytes()).into()))
    }

    #[tokio::test]
    async fn answers_that_nobody_takes_have_an_end() {
        let memory = MemoryPlan { answers_bytes: 80 * KIB, ..MemoryPlan::ample() };
        let bodies = Bodies::new(&memory);
        let answer =
            |class, who, kib: usize| bodies.admit_answer(class, holder(who), Response::new(vec![b' '; kib * KIB].into()));
        let status = |answer: &Response| answer.status().as_u16();
        let mut unread = vec![answer(Class::Sync, 1, 10), answer(Class::Read, 1, 10)];
        assert_eq!(status(&answer(Class::Read, 1, 5)), 429, "a quarter is theirs");
        assert_eq!(status(&answer(Class::Read, 1, 4)), 200, "what is small is not counted");
        assert_eq!(status(&answer(Class::Download, 1, 99)), 200, "nor what is streamed");
        unread.push(answer(Class::Read, 2, 60));
        assert!(unread.iter().all(|answer| status(answer) == 200), "a large one, if there is room");
        assert_eq!(status(&answer(Class::Public, 3, 5)), 429, "there is no more");
        assert_eq!(status(&answer(Class::Read, 3, 81)), 413, "and will never be so much");
        assert_eq!(status(&answer(Class::Bulk, 3, 81)), 200, "what was written is answered");
        let read = unread.pop().unwrap().into_body();
        assert_eq!(read.size_hint().exact(), Some(60 * 1_024));
        let read = to_bytes(read, usize::MAX).await.unwrap();
        assert_eq!(status(&answer(Class::Public, 3, 60)), 429, "the connection has not sent it yet");
        drop(read);
        assert_eq!(status(&answer(Class::Public, 3, 60)), 200);
        drop(unread);
        assert!(bodies.held.lock().is_empty());
    }

    #[test]
    fn an_answer_in_pages_holds_the_room_of_two_pages() {
        let memory = MemoryPlan { answers_bytes: 2 * PAGED_BYTES, ..MemoryPlan::ample() };
        let bodies = Bodies::new(&memory);
        let answer = |who| {
            let pages = futures_util::stream::pending::<Result<Bytes, axum::Error>>();
            bodies.admit_answer(Class::Read, holder(who), Response::new(Body::from_stream(pages)))
        };
        let status = |answer: &Response| answer.status().as_u16();
        let first = answer(1);
        assert_eq!((status(&first), status(&answer(1))), (200, 429), "one is as much as they may have");
        let second = answer(2);
        assert_eq!((status(&second), status(&answer(3))), (200, 429), "there is no more");
        drop(first);
        assert_eq!(status(&answer(3)), 200);
    }
}
