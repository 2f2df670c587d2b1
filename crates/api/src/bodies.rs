//! How many bytes of bodies are held at once, those of requests and those of answers. The one is in memory until its request is
//! answered, the other until it is sent, and a client may take long for both.

mod answer;

pub(crate) use answer::{Streamed, until_sent};

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    http::{HeaderMap, header::CONTENT_LENGTH},
};
use futures_util::StreamExt as _;
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
    /// The kind as a whole, and the holder's part of it; and what each has.
    keys: Vec<(Key, usize)>,
    bytes: AtomicUsize,
}

impl Bodies {
    /// None yet, and not more than there is memory for.
    #[must_use]
    pub fn new(memory: &MemoryPlan) -> Self {
        Self { held: Arc::default(), memory: Arc::new(*memory) }
    }

    /// Makes a request's body take room as it comes: a client that says that much will come and sends little takes little. When there
    /// is no room for the next part, reading the body fails with [`NoRoom`]. None for a body that is empty or streamed.
    pub(crate) fn admit(&self, class: Class, holder: Option<Holder>, request: &mut Request) -> Option<Arc<BodyPlace>> {
        let (most, budget) = class.body_bytes_max().zip(self.memory.bodies_bytes(class))?;
        if request.body().is_end_stream() || declared_length(request.headers()) == Some(0) {
            return None;
        }
        let kind = Kind::Request(class);
        let mut keys = vec![((kind, None), budget)];
        // A request that came by no connection has no holder: a test in the same process.
        keys.extend(holder.map(|holder| ((kind, Some(holder)), (budget / SHARES).max(most))));
        let place = Arc::new(self.place(keys));
        let body = std::mem::take(request.body_mut());
        *request.body_mut() = weighed(body, Arc::clone(&place));
        Some(place)
    }

    /// Takes room of each of `keys`, which has so much in all.
    fn take(&self, keys: Vec<(Key, usize)>, bytes: usize) -> Result<BodyPlace, ApiError> {
        let place = self.place(keys);
        place.grow(bytes).map_err(|NoRoom| no_room())?;
        Ok(place)
    }

    /// A place that takes no room yet.
    fn place(&self, keys: Vec<(Key, usize)>) -> BodyPlace {
        BodyPlace { bodies: self.clone(), keys, bytes: AtomicUsize::new(0) }
    }
}

impl BodyPlace {
    /// Takes room for so many bytes more.
    fn grow(&self, bytes: usize) -> Result<(), NoRoom> {
        let mut held = self.bodies.held.lock();
        let is_full =
            |(key, budget): &(Key, usize)| held.get(key).copied().unwrap_or_default().saturating_add(bytes) > *budget;
        if self.keys.iter().any(is_full) {
            return Err(NoRoom);
        }
        for (key, _) in &self.keys {
            *held.entry(key.clone()).or_default() += bytes;
        }
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for BodyPlace {
    fn drop(&mut self) {
        let mut held = self.bodies.held.lock();
        let bytes = self.bytes.load(Ordering::Relaxed);
        for (key, _) in &self.keys {
            if let Some(of_key) = held.get_mut(key) {
                *of_key = of_key.saturating_sub(bytes);
                if *of_key == 0 {
                    held.remove(key);
                }
            }
        }
    }
}

/// There is no room for the rest of a body.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("there is no room for the body")]
pub(crate) struct NoRoom;

/// The answer to a body for which there is no room.
pub(crate) fn no_room() -> ApiError {
    ApiError::Limited { retry_after_ms: RETRY_AFTER_MS }
}

/// How long a body is, as its request says, in bytes.
pub(crate) fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A body that takes room as it comes.
fn weighed(body: Body, place: Arc<BodyPlace>) -> Body {
    let parts = body.into_data_stream().map(move |part| {
        let part = part?;
        place.grow(part.len()).map_err(axum::Error::new)?;
        Ok::<_, axum::Error>(part)
    });
    Body::from_stream(parts)
}

#[cfg(test)]
mod tests {
    use axum::body::{Bytes, to_bytes};
    use futures_util::{FutureExt as _, stream};

    use super::*;

    /// Reads a body of so many bytes, and gives its place if there was room.
    async fn read(bodies: &Bodies, class: Class, who: u32, bytes: usize) -> Option<Arc<BodyPlace>> {
        let mut request = Request::new(Body::from(vec![b' '; bytes]));
        let place = bodies.admit(class, holder(who), &mut request);
        to_bytes(request.into_body(), usize::MAX).await.is_ok().then_some(place).flatten()
    }

    fn holder(number: u32) -> Option<Holder> {
        Some(Holder::Address(std::net::IpAddr::from(number.to_be_bytes()).into()))
    }

    #[tokio::test]
    async fn every_class_holds_no_more_than_its_budget_and_nobody_more_than_their_part() {
        for memory in [MemoryPlan::of(256 << 20).unwrap(), MemoryPlan::ample()] {
            let bodies = Bodies::new(&memory);
            for class in Class::ALL {
                let Some((most, budget)) = class.body_bytes_max().zip(memory.bodies_bytes(class)) else { continue };
                let mut places = Vec::new();
                for number in 0..9 {
                    let before = places.len();
                    while let Some(place) = read(&bodies, class, number, most).await {
                        places.push(place);
                    }
                    let one = (places.len() - before) * most;
                    assert!(one <= (budget / SHARES).max(most), "{class:?}: {one} bytes");
                }
                assert_eq!(places.len(), budget / most, "{class:?}: more are refused");
                let empty = bodies.admit(class, holder(99), &mut Request::new(Body::empty()));
                assert!(empty.is_none(), "what has no body needs no room");
                places.pop();
                assert!(read(&bodies, class, 99, most).await.is_some());
            }
            assert!(bodies.held.lock().is_empty());
        }
    }

    #[tokio::test]
    async fn a_body_that_is_said_to_be_large_takes_what_has_come() {
        let bodies = Bodies::new(&MemoryPlan::ample());
        let held = || bodies.held.lock().get(&(Kind::Request(Class::Sync), None)).copied();
        let come = stream::iter(["{", "}"]).map(|part| Ok::<_, std::io::Error>(Bytes::from_static(part.as_bytes())));
        let mut request = Request::new(Body::from_stream(come.chain(stream::pending())));
        request.headers_mut().insert(CONTENT_LENGTH, 1_000_000.into());
        let place = bodies.admit(Class::Sync, None, &mut request);
        assert_eq!(held(), None, "nothing has come");
        assert!(to_bytes(request.into_body(), usize::MAX).now_or_never().is_none());
        assert_eq!(held(), Some(2));
        drop(place);
        assert_eq!(held(), None);
    }
}
