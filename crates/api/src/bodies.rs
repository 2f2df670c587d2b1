//! How many bytes of request bodies are held at once: a body is in memory until its request is answered, and a client may take as
//! long as the deadline allows to send it.

use std::{collections::HashMap, sync::Arc};

use axum::body::{Body, HttpBody as _};
use parking_lot::Mutex;
use ruma::OwnedUserId;

use crate::{class::Class, client_address::ClientAddress, error::ApiError};

/// Which part of a class's budget one person or address may hold: a quarter.
pub(crate) const SHARES: usize = 4;
/// When somebody who is refused may try again, milliseconds.
const RETRY_AFTER_MS: u64 = 1_000;

/// The bodies that are held. Cheap to clone.
#[derive(Clone, Default)]
pub struct Bodies {
    held: Arc<Mutex<HashMap<Key, usize>>>,
}

/// A class, as a whole or one holder's part of it.
type Key = (Class, Option<Holder>);

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
    keys: [Key; 2],
    bytes: usize,
}

impl Bodies {
    /// Takes room for a body: as much as it says it has, or as much as it may have. None for a body that is empty or streamed.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED` when there is no room.
    pub(crate) fn admit(&self, class: Class, holder: Option<Holder>, body: &Body) -> Result<Option<BodyPlace>, ApiError> {
        let Some((most, budget)) = class.body_bytes_max().zip(class.bodies_bytes_max()) else { return Ok(None) };
        let says = body.size_hint().upper().and_then(|bytes| usize::try_from(bytes).ok());
        let bytes = says.map_or(most, |bytes| bytes.min(most));
        if bytes == 0 {
            return Ok(None);
        }
        // A request that came by no connection has no holder: a test in the same process.
        let share = if holder.is_some() { budget / SHARES } else { budget };
        let keys = [(class, None), (class, holder)];
        let mut held = self.held.lock();
        let has_room = |key, most: usize| held.get(key).copied().unwrap_or_default() + bytes <= most;
        if !(has_room(&keys[0], budget) && has_room(&keys[1], share)) {
            return Err(ApiError::Limited { retry_after_ms: RETRY_AFTER_MS });
        }
        for key in &keys {
            *held.entry(key.clone()).or_default() += bytes;
        }
        drop(held);
        Ok(Some(BodyPlace { bodies: self.clone(), keys, bytes }))
    }
}

impl Drop for BodyPlace {
    fn drop(&mut self) {
        let mut held = self.bodies.held.lock();
        for key in &self.keys {
            if let Some(bytes) = held.get_mut(key) {
                *bytes = bytes.saturating_sub(self.bytes);
                if *bytes == 0 {
                    held.remove(key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_holds_no_more_than_its_budget_and_nobody_more_than_their_part() {
        let bodies = Bodies::default();
        let holder = |number: u32| Some(Holder::Address(std::net::IpAddr::from(number.to_be_bytes()).into()));
        for class in Class::ALL {
            let Some(most) = class.body_bytes_max() else { continue };
            let body = || Body::from(vec![b' '; most]);
            let budget = class.bodies_bytes_max().unwrap();
            let mut places = Vec::new();
            for number in 0..9 {
                let before = places.len();
                while let Ok(place) = bodies.admit(class, holder(number), &body()) {
                    places.extend(place);
                }
                let one = (places.len() - before) * most;
                assert!(one <= budget / SHARES, "{class:?}: {one} bytes");
            }
            assert_eq!(places.len(), budget / most, "{class:?}: more are refused");
            assert!(bodies.admit(class, holder(99), &Body::empty()).unwrap().is_none(), "what has no body needs no room");
            places.pop();
            assert!(bodies.admit(class, holder(99), &body()).is_ok());
        }
        assert!(bodies.held.lock().is_empty());
    }
}
