//! Requests that wait until their sender has authenticated, in memory and for a while: the client may finish one with its session alone.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use axum::body::Bytes;
use parking_lot::Mutex;
use ruma::{OwnedDeviceId, OwnedUserId};

/// How long a session can be completed, milliseconds.
const SESSION_MS: u64 = 15 * 60 * 1_000;
/// The largest body that is remembered, bytes. With a larger one the whole request has to be sent again.
pub(crate) const BODY_BYTES_MAX: usize = 64 << 10;
/// Bytes of those of strangers, and of those of people with sessions.
pub(crate) const POOL_BYTES_MAX: usize = 2 << 20;
/// What a session takes beside the body, bytes, roughly.
const ENTRY_BYTES: usize = 1_024;

/// Who sends a request; nobody known when they sign up.
pub(crate) type Owner = Option<(OwnedUserId, OwnedDeviceId)>;

/// A request that waits.
#[derive(Clone)]
pub(crate) struct Remembered {
    /// Its method and its path.
    pub(crate) route: String,
    /// Whose it is.
    pub(crate) owner: Owner,
    /// Its body without the authentication; none if that is too large.
    pub(crate) body: Option<Bytes>,
    expires_at_ms: u64,
}

/// The requests that wait.
#[derive(Clone, Default)]
pub struct Authentications {
    inner: Arc<Mutex<Pools>>,
}

#[derive(Default)]
struct Pools {
    of_strangers: Pool,
    of_people: Pool,
}

#[derive(Default)]
struct Pool {
    by_id: HashMap<String, Remembered>,
    /// The oldest first; some were completed meanwhile.
    order: VecDeque<(String, usize)>,
    bytes: usize,
}

impl Authentications {
    /// Remembers a request under `id`. The oldest ones make room, among strangers and people each.
    pub(crate) fn remember(&self, id: &str, route: &str, owner: Owner, body: &Bytes, now_ms: u64) {
        let body = (body.len() <= BODY_BYTES_MAX).then(|| body.clone());
        let bytes = ENTRY_BYTES + route.len() + body.as_ref().map_or(0, Bytes::len);
        let mut pools = self.inner.lock();
        let pool = if owner.is_some() { &mut pools.of_people } else { &mut pools.of_strangers };
        let expires_at_ms = now_ms + SESSION_MS;
        pool.by_id.insert(id.to_owned(), Remembered { route: route.to_owned(), owner, body, expires_at_ms });
        pool.order.push_back((id.to_owned(), bytes));
        pool.bytes += bytes;
        while pool.bytes > POOL_BYTES_MAX {
            let Some((oldest, bytes)) = pool.order.pop_front() else { break };
            pool.by_id.remove(&oldest);
            pool.bytes -= bytes;
        }
    }

    /// The request that waits under `id`.
    pub(crate) fn get(&self, id: &str, now_ms: u64) -> Option<Remembered> {
        let pools = self.inner.lock();
        let found = pools.of_people.by_id.get(id).or_else(|| pools.of_strangers.by_id.get(id))?;
        (found.expires_at_ms > now_ms).then(|| found.clone())
    }

    /// The request is carried out, once.
    pub(crate) fn forget(&self, id: &str) {
        let mut pools = self.inner.lock();
        pools.of_people.by_id.remove(id);
        pools.of_strangers.by_id.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_has_bounds_and_strangers_push_out_nobody_else() {
        let all = Authentications::default();
        let owner = Some((ruma::owned_user_id!("@alice:h"), "PHONE".into()));
        let (small, large) = (Bytes::from_static(b"{}"), Bytes::from(vec![b' '; BODY_BYTES_MAX + 1]));
        all.remember("alice", "POST /x", owner, &small, 0);
        all.remember("large", "POST /x", None, &large, 0);
        assert!(all.get("large", 0).unwrap().body.is_none());
        let most = Bytes::from(vec![b' '; BODY_BYTES_MAX]);
        for number in 0..100 {
            all.remember(&number.to_string(), "POST /x", None, &most, 0);
            assert!(all.inner.lock().of_strangers.bytes <= POOL_BYTES_MAX);
        }
        let known = |id: &str, now_ms| all.get(id, now_ms).is_some();
        assert!(known("alice", 0) && known("99", 0) && !known("0", 0) && !known("large", 0));
        assert!(known("alice", SESSION_MS - 1) && !known("alice", SESSION_MS));
        all.forget("alice");
        assert!(!known("alice", 0));
    }
}
