//! Who has a connection, by address, and which connection makes room for another one.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{Arc, Weak},
};

use api::ClientAddress;

use super::seat::Seat;

/// Addresses that are looked through for a connection to close, those with the most connections first.
const ADDRESSES_TRIED: usize = 16;
/// With more connections than this, an address has many: more than the clients of a household.
const MANY: usize = 16;
/// Strangers that are looked through for one to close, those first that came first.
const STRANGERS_TRIED: usize = 64;
/// Connections that may be on their way out while others are already in their place.
pub(super) const LEAVING_MAX: usize = 32;

/// How many connections there may be at once.
#[derive(Clone, Copy, Debug)]
pub(in crate::serve) struct Caps {
    /// Of everybody.
    pub(in crate::serve) in_all: usize,
    /// From one address.
    pub(in crate::serve) by_address: usize,
}

/// Everybody who has a connection.
#[derive(Default)]
pub(super) struct Guests {
    /// Connections that are open.
    open: usize,
    /// Those of them that were asked to leave and have not yet.
    leaving: usize,
    /// The seats of each address, those first that came first. Nobody who was asked to leave is in here.
    by_address: HashMap<ClientAddress, Vec<Arc<Seat>>>,
    /// The same addresses by how many seats they have.
    by_count: BTreeSet<(usize, ClientAddress)>,
    /// Seats that were a stranger's when they were last looked at: without a session until then. Those that are no stranger's any more,
    /// or gone, are taken out when they are looked at again.
    strangers: VecDeque<(ClientAddress, Weak<Seat>)>,
}

impl Guests {
    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// Lets a connection in, if there is room or one can be made. No address: not counted by it.
    pub(super) fn enter(&mut self, address: Option<ClientAddress>, caps: &Caps) -> Option<Arc<Seat>> {
        if !self.make_room(address, caps) {
            return None;
        }
        let seat = Arc::new(Seat::default());
        self.open += 1;
        if let Some(address) = address {
            self.change(address, |seats| seats.push(Arc::clone(&seat)));
            self.remember_stranger(address, &seat);
        }
        Some(seat)
    }

    /// A connection has been closed.
    pub(super) fn leave(&mut self, address: Option<ClientAddress>, seat: &Arc<Seat>) {
        self.open = self.open.saturating_sub(1);
        let Some(address) = address else { return };
        let place = self.by_address.get(&address).and_then(|seats| seats.iter().position(|other| Arc::ptr_eq(other, seat)));
        match place {
            Some(place) => self.change(address, |seats| drop(seats.remove(place))),
            None => self.leaving = self.leaving.saturating_sub(1),
        }
    }

    fn make_room(&mut self, address: Option<ClientAddress>, caps: &Caps) -> bool {
        if self.open >= caps.in_all + LEAVING_MAX {
            return false;
        }
        let is_crowded = |address| self.by_address.get(&address).is_some_and(|seats| seats.len() >= caps.by_address);
        if let Some(address) = address.filter(|address| is_crowded(*address))
            && !self.send_away_from(address)
        {
            return false;
        }
        self.open.saturating_sub(self.leaving) < caps.in_all || self.send_one_away()
    }

    /// Whoever has many connections gives one up, so that nobody keeps others out by having many; then strangers do, because
    /// they may have an address for each; and then whoever has the most.
    fn send_one_away(&mut self) -> bool {
        self.send_away_from_the_largest(MANY) || self.send_a_stranger_away() || self.send_away_from_the_largest(0)
    }

    /// One of the addresses that have the most connections, and more than so many, gives one up.
    fn send_away_from_the_largest(&mut self, more_than: usize) -> bool {
        let largest = self.by_count.iter().rev().take(ADDRESSES_TRIED).filter(|(count, _)| *count > more_than);
        let largest: Vec<ClientAddress> = largest.map(|(_, of)| *of).collect();
        largest.into_iter().any(|address| self.send_away_from(address))
    }

    /// Asks the one to leave that has been without a session for longest, and on whose connection it is the client's turn.
    fn send_a_stranger_away(&mut self) -> bool {
        for _ in 0..STRANGERS_TRIED {
            let Some((address, weak)) = self.strangers.pop_front() else { return false };
            let Some(seat) = weak.upgrade().filter(|seat| !seat.is_known()) else { continue };
            if seat.is_clients_turn() && self.ask_to_leave(address, &seat) {
                return true;
            }
            self.strangers.push_back((address, weak));
        }
        false
    }

    /// Keeps a seat in mind that may have to make room. Of those that are gone, not more than there are others.
    fn remember_stranger(&mut self, address: ClientAddress, seat: &Arc<Seat>) {
        if self.strangers.len() > 2 * self.open {
            self.strangers.retain(|(_, seat)| seat.strong_count() > 0);
        }
        self.strangers.push_back((address, Arc::downgrade(seat)));
    }

    /// Asks one of this address's connections to leave on which it is the client's turn: the oldest that never asked for
    /// anything, or else the oldest.
    fn send_away_from(&mut self, address: ClientAddress) -> bool {
        let Some(seats) = self.by_address.get(&address) else { return false };
        let silent = seats.iter().position(|seat| seat.is_clients_turn() && !seat.has_asked());
        let Some(place) = silent.or_else(|| seats.iter().position(|seat| seat.is_clients_turn())) else { return false };
        self.leaving += 1;
        self.change(address, |seats| seats.remove(place).ask_to_leave());
        true
    }

    /// Asks the one of this seat to leave, if nobody did before.
    fn ask_to_leave(&mut self, address: ClientAddress, seat: &Arc<Seat>) -> bool {
        let seats = self.by_address.get(&address);
        let Some(place) = seats.and_then(|seats| seats.iter().position(|other| Arc::ptr_eq(other, seat))) else {
            return false;
        };
        self.leaving += 1;
        self.change(address, |seats| seats.remove(place).ask_to_leave());
        true
    }

    /// Changes the seats of an address, and keeps the count of them right.
    fn change(&mut self, address: ClientAddress, change: impl FnOnce(&mut Vec<Arc<Seat>>)) {
        let seats = self.by_address.entry(address).or_default();
        self.by_count.remove(&(seats.len(), address));
        change(seats);
        if seats.is_empty() {
            self.by_address.remove(&address);
        } else {
            self.by_count.insert((seats.len(), address));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{super::seat::Turn, *};

    const CAPS: Caps = Caps { in_all: 6, by_address: 3 };

    fn from(n: u8) -> Option<ClientAddress> {
        Some(IpAddr::from([192, 0, 2, n]).into())
    }

    /// Lets `many` in from one address, all of which must find room.
    fn enter(guests: &mut Guests, n: u8, many: usize) -> Vec<Arc<Seat>> {
        (0..many).map(|_| guests.enter(from(n), &CAPS).unwrap()).collect()
    }

    /// A request that has arrived whole, until it is dropped.
    fn serve(seat: &Arc<Seat>) -> Arc<Turn> {
        let (turn, _) = Turn::begin(seat);
        turn.arrive();
        turn
    }

    fn serve_all(seats: &[Arc<Seat>]) -> Vec<Arc<Turn>> {
        seats.iter().map(serve).collect()
    }

    /// Which of them were asked to leave.
    async fn leaving(seats: &[Arc<Seat>]) -> Vec<usize> {
        let mut found = Vec::new();
        for (n, seat) in seats.iter().enumerate() {
            if tokio::time::timeout(std::time::Duration::ZERO, seat.asked_to_leave()).await.is_ok() {
                found.push(n);
            }
        }
        found
    }

    #[tokio::test]
    async fn an_address_has_so_many_that_are_served_and_others_are_let_in() {
        let mut guests = Guests::default();
        let seats = enter(&mut guests, 1, 3);
        let _served = serve_all(&seats);
        assert!(guests.enter(from(1), &CAPS).is_none());
        enter(&mut guests, 2, 1);
        guests.leave(from(1), &seats[1]);
        enter(&mut guests, 1, 1);
        assert!(leaving(&seats).await.is_empty());
    }

    #[tokio::test]
    async fn one_that_never_asked_makes_room_for_the_next_of_its_address() {
        let mut guests = Guests::default();
        let seats = enter(&mut guests, 1, 3);
        // The first has been answered and may ask again, the second is being answered.
        drop(serve(&seats[0]));
        let _served = serve(&seats[1]);
        let newer = enter(&mut guests, 1, 1);
        assert_eq!(leaving(&seats).await, [2]);
        let _newer_served = serve_all(&newer);
        enter(&mut guests, 1, 1);
        assert_eq!(leaving(&seats).await, [0]);
    }

    #[tokio::test]
    async fn whoever_has_most_makes_room_when_it_is_full() {
        let mut guests = Guests::default();
        let most = enter(&mut guests, 1, 3);
        let fewer = enter(&mut guests, 2, 2);
        let one = enter(&mut guests, 3, 1);
        [&most, &fewer, &one].into_iter().flatten().for_each(|seat| seat.know());
        enter(&mut guests, 4, 1);
        assert_eq!((leaving(&most).await, leaving(&fewer).await, leaving(&one).await), (vec![0], vec![], vec![]));
        assert_eq!(guests.open(), 7);
        // Until the one has left, its place is not given a second time.
        guests.leave(from(1), &most[0]);
        assert_eq!((guests.open(), guests.leaving), (6, 0));
        let _served = (serve_all(&most), serve_all(&fewer));
        enter(&mut guests, 4, 1);
        assert_eq!(leaving(&one).await, Vec::<usize>::new(), "the newcomer's own gives way first, it has as many as any");
    }

    #[tokio::test]
    async fn strangers_make_room_before_people_do_and_those_first_who_came_first() {
        let mut guests = Guests::default();
        let caps = Caps { in_all: 60, by_address: 30 };
        let mut enter = |n: u8| guests.enter(from(n), &caps).unwrap();
        // Each person polls on one connection, and waits to send on another. Every stranger has an address of their own.
        let people: Vec<_> = (0..10).flat_map(|n| [enter(n), enter(n)]).collect();
        for seat in &people {
            seat.know();
            drop(serve(seat));
        }
        let mut strangers: Vec<_> = (100..140).map(&mut enter).collect();
        // Wrong passwords are asked with, too.
        drop(serve(&strangers[1]));
        let _served = serve(&strangers[2]);
        strangers.extend((140..145).map(&mut enter));
        assert_eq!(leaving(&strangers).await, [0, 1, 3, 4, 5], "one is being answered");
        assert_eq!(leaving(&people).await, Vec::<usize>::new());
        // An address with many is no household.
        let many: Vec<_> = (0..MANY + 2).map(|_| guests.enter(from(200), &caps).unwrap()).collect();
        assert_eq!(leaving(&many).await, [0], "it has more than {MANY}");
    }

    #[test]
    fn nobody_who_is_served_makes_room_and_proxies_are_not_counted_by_address() {
        let mut guests = Guests::default();
        for _ in 0..CAPS.in_all {
            guests.enter(None, &CAPS).unwrap();
        }
        assert!(guests.enter(None, &CAPS).is_none());
        assert!(guests.enter(from(1), &CAPS).is_none());
        guests.leave(None, &Arc::default());
        let _served = serve_all(&enter(&mut guests, 1, 1));
        assert!(guests.enter(from(2), &CAPS).is_none());
    }

    #[test]
    fn those_on_their_way_out_are_bounded_and_all_is_given_back() {
        let mut guests = Guests::default();
        let caps = Caps { in_all: 10, by_address: 10 };
        let seats: Vec<_> = (0..1_000_u32).map_while(|n| guests.enter(from((n % 50) as u8), &caps)).collect();
        assert_eq!(seats.len(), caps.in_all + LEAVING_MAX);
        for (n, seat) in seats.iter().enumerate() {
            guests.leave(from((n % 50) as u8), seat);
        }
        assert_eq!((guests.open, guests.leaving), (0, 0));
        assert!(guests.by_address.is_empty() && guests.by_count.is_empty());
    }
}
