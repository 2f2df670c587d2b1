//! Who gets a connection: at most so many in all and so many from one address. Whoever comes when it is full takes the place of
//! a connection that waits for its client, of the address that has the most; if there is none, the new one is closed.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use api::ClientAddress;
use config::TrustedProxies;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{
    guests::{Caps, Guests},
    seat::Seat,
};

/// How long nothing more is said of connections that are refused.
const SILENCE: Duration = Duration::from_secs(60);

/// Lets connections in. Cheap to clone.
#[derive(Clone)]
pub(in crate::serve) struct Admission {
    shared: Arc<Shared>,
}

struct Shared {
    caps: Caps,
    proxies: TrustedProxies,
    guests: Mutex<Guests>,
    refused: AtomicU64,
    warned: Mutex<Option<Instant>>,
}

/// How it stands with connections, for monitoring.
pub(in crate::serve) struct Standing {
    /// Connections that are open.
    pub(in crate::serve) open: usize,
    /// Connections refused since the start.
    pub(in crate::serve) refused: u64,
}

impl Admission {
    /// Nobody is there yet. Connections of `proxies` are counted in all alone: many people come through one.
    pub(in crate::serve) fn new(caps: Caps, proxies: TrustedProxies) -> Self {
        let (guests, refused, warned) = (Mutex::default(), AtomicU64::default(), Mutex::default());
        Self { shared: Arc::new(Shared { caps, proxies, guests, refused, warned }) }
    }

    /// Whose word on addresses counts.
    pub(super) fn proxies(&self) -> &TrustedProxies {
        &self.shared.proxies
    }

    /// A place for a connection from `peer`, which is held until it is dropped; or none.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<Place> {
        let address = (!self.shared.proxies.contains(peer)).then(|| ClientAddress::from(peer));
        let seat = self.shared.guests.lock().enter(address, &self.shared.caps);
        if seat.is_none() {
            self.refuse();
        }
        Some(Place { admission: self.clone(), address, seat: seat? })
    }

    pub(in crate::serve) fn standing(&self) -> Standing {
        Standing { open: self.shared.guests.lock().open(), refused: self.shared.refused.load(Relaxed) }
    }

    /// Counts a refusal, and says so at most once in a while: whoever causes thousands is not to fill the output as well.
    fn refuse(&self) {
        let refused = self.shared.refused.fetch_add(1, Relaxed) + 1;
        let mut warned = self.shared.warned.lock();
        if warned.is_some_and(|warned| warned.elapsed() < SILENCE) {
            return;
        }
        *warned = Some(Instant::now());
        let Caps { in_all, by_address } = self.shared.caps;
        tracing::warn!(
            http.connections_refused = refused,
            "connections are refused, since there are {in_all} of them or {by_address} from one address. If those are people, \
             raise limits.max_connections or limits.max_connections_per_address; if they come through a proxy, name it in \
             server.trusted_proxies"
        );
    }
}

/// The place of one connection, given back when it is dropped.
pub(super) struct Place {
    admission: Admission,
    address: Option<ClientAddress>,
    seat: Arc<Seat>,
}

impl Place {
    /// The same beside a connection that has a place already: that one is asked to leave, and not this.
    pub(super) fn taken(self) -> Self {
        self.seat.take();
        self
    }

    pub(super) fn seat(&self) -> &Arc<Seat> {
        &self.seat
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.admission.shared.guests.lock().leave(self.address, &self.seat);
    }
}
