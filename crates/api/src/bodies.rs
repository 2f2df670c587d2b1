//! How many bytes of bodies are held at once, those of requests and those of answers. The one is in memory until its request is
//! answered, the other until it is sent, and a client may take long for both.

mod answer;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Poll, ready},
};

use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    http::{HeaderMap, header::CONTENT_LENGTH},
};
use futures_util::{StreamExt as _, stream};
use parking_lot::Mutex;
use ruma::OwnedUserId;

use crate::{class::Class, client_address::ClientAddress, error::ApiError, memory::MemoryPlan};

/// Which part of a budget one person or address may hold: a quarter, and one of the largest.
const SHARES: usize = 4;
/// When somebody who is refused may try again, milliseconds.
const RETRY_AFTER_MS: u64 = 1_000;

/// The bodies that are held. Cheap to clone.
#[derive(Clone)]
pub struct Bodies {
    held: Arc<Mutex<HashMap<Key, usize>>>,
    memory: Arc<MemoryPlan>,
}

/// A kind of body, as a whole or one holder's part of it.
type Key = (Kind, Option<Holder>);

/// What has a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// Bodies of requests of a class.
    Request(Class),
    /// Bodies of answers.
    Answer,
}

/// Whose body it is: of a person, or of an address where nobody is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    Person(OwnedUserId),
    Address(ClientAddress),
}

/// The room of one body. It is given back when this is dropped.
pub(crate) struct BodyPlace {
    bodies: Bodies,
    /// The class as a whole, and the holder's part of it.
    keys: Vec<Key>,
    bytes: AtomicUsize,
}

impl Bodies {
    /// None yet, and not more than there is memory for.
    #[must_use]
    pub fn new(memory: &MemoryPlan) -> Self {
        Self { held: Arc::default(), memory: Arc::new(*memory) }
    }

    /// Takes room for a request's body: as much as it says it has, or as much as it may have until it has come. None for a body
    /// that is empty or streamed.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` when there is no room.
    pub(crate) fn admit(
        &self,
        class: Class,
        holder: Option<Holder>,
        request: &mut Request,
    ) -> Result<Option<Arc<BodyPlace>>, ApiError> {
        let Some((most, budget)) = class.body_bytes_max().zip(self.memory.bodies_bytes(class)) else { return Ok(None) };
        // What bounds the body's time hides how long it is.
        let hint = || request.body().size_hint().upper().and_then(|bytes| usize::try_from(bytes).ok());
        let says = declared_length(request.headers()).or_else(hint);
        let bytes = says.map_or(most, |bytes| bytes.min(most));
        if bytes == 0 {
            return Ok(None);
        }
        let kind = Kind::Request(class);
        let mut keys = vec![((kind, None), budget)];
        // A request that came by no connection has no holder: a test in the same process.
        keys.extend(holder.map(|holder| ((kind, Some(holder)), (budget / SHARES).max(most))));
        let place = Arc::new(self.take(keys, bytes)?);
        if says.is_none() {
            let body = std::mem::take(request.body_mut());
            *request.body_mut() = unmeasured(body, Arc::clone(&place));
        }
        Ok(Some(place))
    }

    /// Takes room of each of `keys`, which has so much in all.
    fn take(&self, keys: Vec<(Key, usize)>, bytes: usize) -> Result<BodyPlace, ApiError> {
        let mut held = self.held.lock();
        if keys.iter().any(|(key, budget)| held.get(key).copied().unwrap_or_default().saturating_add(bytes) > *budget) {
            return Err(ApiError::Limited { retry_after_ms: RETRY_AFTER_MS });
        }
        let keys: Vec<Key> = keys.into_iter().map(|(key, _)| key).collect();
        for key in &keys {
            *held.entry(key.clone()).or_default() += bytes;
        }
        Ok(BodyPlace { bodies: self.clone(), keys, bytes: AtomicUsize::new(bytes) })
    }
}

impl BodyPlace {
    /// Gives back all but `bytes`.
    fn shrink(&self, bytes: usize) {
        let mut held = self.bodies.held.lock();
        let before = self.bytes.fetch_min(bytes, Ordering::Relaxed);
        for key in &self.keys {
            if let Some(of_key) = held.get_mut(key) {
                *of_key = of_key.saturating_sub(before.saturating_sub(bytes));
                if *of_key == 0 {
                    held.remove(key);
                }
            }
        }
    }
}

impl Drop for BodyPlace {
    fn drop(&mut self) {
        self.shrink(0);
    }
}

/// How long a body is, as its request says, in bytes.
pub(crate) fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A body that does not say how long it is. It gives back what it did not need when it has come.
fn unmeasured(body: Body, place: Arc<BodyPlace>) -> Body {
    let (mut chunks, mut seen) = (body.into_data_stream(), 0);
    Body::from_stream(stream::poll_fn(move |cx| {
        let next = ready!(chunks.poll_next_unpin(cx));
        match &next {
            Some(Ok(chunk)) => seen += chunk.len(),
            Some(Err(_)) => {}
            None => place.shrink(seen),
        }
        Poll::Ready(next)
    }))
}

#[cfg(test)]
mod tests {
    use axum::body::{Bytes, to_bytes};

    use super::*;

    #[test]
    fn every_class_holds_no_more_than_its_budget_and_nobody_more_than_their_part() {
        let bodies = Bodies::new(&MemoryPlan::ample());
        let holder = |number: u32| Some(Holder::Address(std::net::IpAddr::from(number.to_be_bytes()).into()));
        for class in Class::ALL {
            let Some(most) = class.body_bytes_max() else { continue };
            let with = |body| Request::new(body);
            let full = || with(Body::from(vec![b' '; most]));
            let budget = bodies.memory.bodies_bytes(class).unwrap();
            let mut places = Vec::new();
            for number in 0..9 {
                let before = places.len();
                while let Ok(place) = bodies.admit(class, holder(number), &mut full()) {
                    places.extend(place);
                }
                let one = (places.len() - before) * most;
                assert!(one <= budget / SHARES, "{class:?}: {one} bytes");
            }
            assert_eq!(places.len(), budget / most, "{class:?}: more are refused");
            assert!(
                bodies.admit(class, holder(99), &mut with(Body::empty())).unwrap().is_none(),
                "what has no body needs no room"
            );
            places.pop();
            assert!(bodies.admit(class, holder(99), &mut full()).is_ok());
        }
        assert!(bodies.held.lock().is_empty());
    }

    #[tokio::test]
    async fn a_body_of_unknown_length_takes_what_it_has_once_it_has_come() {
        let bodies = Bodies::new(&MemoryPlan::ample());
        let chunks = ["{", "}"].map(|chunk| Ok::<_, std::io::Error>(Bytes::from_static(chunk.as_bytes())));
        let mut request = Request::new(Body::from_stream(stream::iter(chunks)));
        let place = bodies.admit(Class::Sync, None, &mut request).unwrap().unwrap();
        let held = || bodies.held.lock().get(&(Kind::Request(Class::Sync), None)).copied();
        assert_eq!(held(), Class::Sync.body_bytes_max());
        assert_eq!(to_bytes(request.into_body(), 9).await.unwrap(), "{}");
        assert_eq!(held(), Some(2));
        drop(place);
        assert_eq!(held(), None);
    }
}
