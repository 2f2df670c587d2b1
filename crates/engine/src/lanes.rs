//! All lanes in use, by what is decided on them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    Aggregate, Stream, backup::BackupState, directory::DirectoryState, outbox::OutboxState, room::RoomState, user::UserState,
};
use event_log::{Position, Record, UnitDone};
use parking_lot::Mutex;

use crate::{lane::Lane, token::Token};

/// Lanes of one kind kept warm. One over the bound and the half that was not used for longest is dropped.
pub const LANES_MAX: usize = 10_000;

/// The lanes in use of one kind of aggregate.
pub struct LanesOf<A: Aggregate> {
    warm: Mutex<Warm<A>>,
    clock: AtomicU64,
}

struct Warm<A: Aggregate> {
    lanes: HashMap<A::Key, Arc<Lane<A>>>,
    /// Of all their states.
    bytes: u64,
    /// What they may come to. Over it the half that was not used for longest is dropped, until they are fewer.
    bytes_max: u64,
}

impl<A: Aggregate> LanesOf<A> {
    fn new(bytes_max: u64) -> Self {
        Self { warm: Mutex::new(Warm { lanes: HashMap::new(), bytes: 0, bytes_max }), clock: AtomicU64::default() }
    }

    /// The lane of `key`.
    pub(crate) fn get(&self, key: &A::Key) -> Arc<Lane<A>> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut warm = self.warm.lock();
        if (warm.lanes.len() >= LANES_MAX && !warm.lanes.contains_key(key)) || warm.bytes > warm.bytes_max {
            warm.make_room(key);
        }
        let lane = Arc::clone(warm.lanes.entry(key.clone()).or_default());
        lane.use_at(now);
        lane
    }

    /// Takes note of how large the state of a lane is that the caller has got from here.
    pub(crate) fn weigh(&self, lane: &Lane<A>, bytes: u64) {
        let mut warm = self.warm.lock();
        warm.bytes = warm.bytes.saturating_sub(lane.weigh(bytes)).saturating_add(bytes);
    }

    fn mark_outdated_lanes(&self, key: &A::Key, position: Position) {
        if let Some(lane) = self.warm.lock().lanes.get(key) {
            lane.traffic.mark_outdated_lanes(position);
        }
    }
}

impl<A: Aggregate> Warm<A> {
    /// Drops lanes that nobody holds, those first that were not used for longest, until the rest is within the budget. The one
    /// that is about to be used stays.
    fn make_room(&mut self, wanted: &A::Key) {
        loop {
            let before = self.lanes.len();
            self.drop_idle(wanted);
            self.bytes = self.lanes.values().map(|lane| lane.bytes()).sum();
            if self.bytes <= self.bytes_max || self.lanes.len() == before {
                return;
            }
        }
    }

    /// Drops the lanes that nobody holds and that were used before the median of all.
    fn drop_idle(&mut self, wanted: &A::Key) {
        let mut uses: Vec<u64> = self.lanes.values().map(|lane| lane.used_at()).collect();
        let middle = uses.len() / 2;
        let (_, median, _) = uses.select_nth_unstable(middle);
        let median = *median;
        self.lanes.retain(|key, lane| {
            let held = Arc::strong_count(lane) > 1 || !lane.traffic.is_settled();
            held || lane.used_at() > median || key == wanted
        });
    }
}

/// All lanes in use.
pub struct Lanes {
    rooms: LanesOf<RoomState>,
    users: LanesOf<UserState>,
    backups: LanesOf<BackupState>,
    directory: LanesOf<DirectoryState>,
    outbox: LanesOf<OutboxState>,
}

impl Lanes {
    /// None yet. The states of each kind may come to `bytes_max` of JSON.
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self {
            rooms: LanesOf::new(bytes_max),
            users: LanesOf::new(bytes_max),
            backups: LanesOf::new(bytes_max),
            directory: LanesOf::new(bytes_max),
            outbox: LanesOf::new(bytes_max),
        }
    }

    /// Says that another lane has appended to `stream` at `position`.
    fn mark_outdated_lanes(&self, stream: &Stream, position: Position) {
        match stream {
            Stream::Room(room_id) => self.rooms.mark_outdated_lanes(room_id, position),
            Stream::User(user_id) => self.users.mark_outdated_lanes(user_id, position),
            Stream::Backup(user_id) => self.backups.mark_outdated_lanes(user_id, position),
            Stream::Directory => self.directory.mark_outdated_lanes(&(), position),
            Stream::Outbox => self.outbox.mark_outdated_lanes(&(), position),
            // Nothing is decided on it.
            Stream::Inbox(_) => {}
        }
    }

    /// Gives the snapshots that came with `units` their places among `records`, and tells each lane to whose stream another one
    /// has appended. Units are gone through in the order of the log, so a state that lacks what another lane appended before
    /// is known to lack it: its snapshot is left out.
    pub(crate) fn place(&self, records: &[Record], units: &mut [UnitDone<Token>]) {
        for UnitDone { token, first, last } in units {
            let unit = within(records, *first, *last);
            let own = token.stream.to_string();
            self.mark_unit(&own, unit);
            let exact = token.snapshot.take().filter(|draft| !token.under_way.traffic().is_outdated(draft.read_to));
            token.snapshot = exact.and_then(|draft| draft.placed(&own, unit));
        }
    }

    /// A lane that appended to a stream which is not its own has outdated that stream's lane.
    fn mark_unit(&self, own: &str, unit: &[Record]) {
        for record in unit.iter().filter(|record| record.header.stream != own) {
            if let Ok(stream) = record.header.stream.parse() {
                self.mark_outdated_lanes(&stream, record.position());
            }
        }
    }
}

/// Those of `records` from `first` to `last`.
pub(crate) fn within(records: &[Record], first: Position, last: Position) -> &[Record] {
    let from = records.partition_point(|record| record.position() < first);
    let to = records.partition_point(|record| record.position() <= last);
    records.get(from..to).unwrap_or_default()
}

/// An aggregate that commands are decided on: it has lanes.
pub trait HasLanes: Aggregate {
    /// Those of its kind.
    fn lanes(lanes: &Lanes) -> &LanesOf<Self>;
}

impl HasLanes for RoomState {
    fn lanes(lanes: &Lanes) -> &LanesOf<Self> {
        &lanes.rooms
    }
}

impl HasLanes for UserState {
    fn lanes(lanes: &Lanes) -> &LanesOf<Self> {
        &lanes.users
    }
}

impl HasLanes for BackupState {
    fn lanes(lanes: &Lanes) -> &LanesOf<Self> {
        &lanes.backups
    }
}

impl HasLanes for DirectoryState {
    fn lanes(lanes: &Lanes) -> &LanesOf<Self> {
        &lanes.directory
    }
}

impl HasLanes for OutboxState {
    fn lanes(lanes: &Lanes) -> &LanesOf<Self> {
        &lanes.outbox
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use event_log::{Appender, Class, Draft as NewRecord, LogKey, MemoryBackend, Outcome, SystemClock, Unit, Writer};
    use projection::{MemoryRows, RowStore, StreamSnapshot, Writes};
    use tokio::sync::oneshot;

    use super::*;
    use crate::{lane::UnderWay, snapshot::Draft};

    const ROOM: &str = "room:!r:h";
    const BYTES_MAX: u64 = 128 << 20;
    const USER: &str = "user:@a:h";

    fn record(stream: &str) -> NewRecord {
        let (stream, kind, payload) = (stream.to_owned(), "test".to_owned(), b"{}".to_vec());
        NewRecord { stream, kind, kind_version: 1, class: Class::Plain, payload }
    }

    /// A log, what comes out of its writer, and lanes.
    struct Bench {
        writer: Writer<Token>,
        outcomes: mpsc::Receiver<Outcome<Token>>,
        lanes: Lanes,
        rows: MemoryRows,
    }

    impl Bench {
        fn new() -> Self {
            let (backend, key) = (Arc::new(MemoryBackend::new()), LogKey::from_seed(&[1; 32]));
            let (log, _) = Appender::open(backend, key, "h", Arc::new(SystemClock)).unwrap();
            let (sender, outcomes) = mpsc::channel();
            let writer = Writer::spawn(log, 8, move |outcome| drop(sender.send(outcome))).unwrap();
            Self { writer, outcomes, lanes: Lanes::new(BYTES_MAX), rows: MemoryRows::new() }
        }

        /// Appends a unit of the lane of `stream`, with a snapshot of a state for which the log was read up to `read_to` if any.
        /// Gives the position of its last record and that of the room's snapshot then.
        fn append<A: Aggregate>(
            &self,
            lane: &Lane<A>,
            stream: &str,
            records: &[&str],
            read_to: Option<Position>,
        ) -> (Position, Option<Position>) {
            let draft = |read_to| Draft { version: 1, read_to, encode: Box::new(|| Some(Vec::new())), place: None };
            let (under_way, reply) = (UnderWay::on(lane), oneshot::channel().0);
            let stream = stream.parse().unwrap();
            let token = Token { under_way, stream, snapshot: read_to.map(draft), facts: Vec::new(), reply };
            let unit = Unit::of(records.iter().map(|stream| record(stream)).collect());
            assert!(self.writer.submit(unit, token).is_ok());
            let Outcome::Appended { records, mut units } = self.outcomes.recv().unwrap() else { panic!("not appended") };
            self.lanes.place(&records, &mut units);
            let mut writes = Writes::new();
            for token in units.iter_mut().map(|unit| &mut unit.token) {
                if let Some(snapshot) = token.snapshot.take().and_then(Draft::encoded) {
                    snapshot.put(&mut writes, &token.stream.to_string());
                }
            }
            self.rows.commit(&writes).unwrap();
            let kept = StreamSnapshot::of(&*self.rows.snapshot(), ROOM).unwrap();
            (units[0].last, kept.map(|kept| kept.position))
        }
    }

    #[test]
    fn a_state_that_lacks_what_another_lane_appended_makes_no_snapshot() {
        let bench = Bench::new();
        let room = bench.lanes.rooms.get(&ruma::owned_room_id!("!r:h"));
        let user = bench.lanes.users.get(&ruma::owned_user_id!("@a:h"));
        let (first, kept) = bench.append(&room, ROOM, &[ROOM, ROOM], Some(Position::ZERO));
        assert_eq!(kept, Some(first));
        let (own, kept) = bench.append(&room, ROOM, &[ROOM, USER], Some(Position::ZERO));
        assert_eq!(kept, Some(Position(own.0 - 1)), "the last record of its own stream");
        let (foreign, _) = bench.append(&user, USER, &[USER, ROOM], None);
        let (_, kept) = bench.append(&room, ROOM, &[ROOM], Some(Position::ZERO));
        assert_eq!(kept, Some(Position(own.0 - 1)), "the room's lane does not know of {foreign}");
        assert!(room.traffic.is_outdated(Position::ZERO) && user.traffic.is_outdated(Position::ZERO));
        let (last, kept) = bench.append(&room, ROOM, &[ROOM], Some(foreign));
        assert_eq!(kept, Some(last), "folded anew, it does");
    }

    #[test]
    fn lanes_are_dropped_when_their_states_are_large() {
        let lanes = LanesOf::<RoomState>::new(BYTES_MAX);
        let room = |number: u64| ruma::OwnedRoomId::try_from(format!("!{number}:h")).unwrap();
        let held = lanes.get(&room(0));
        lanes.weigh(&held, BYTES_MAX / 2);
        for number in 1..100 {
            let lane = lanes.get(&room(number));
            lanes.weigh(&lane, BYTES_MAX / 8);
            lanes.weigh(&lane, BYTES_MAX / 16);
            let warm = lanes.warm.lock();
            assert!(warm.bytes <= BYTES_MAX + BYTES_MAX / 8, "{} bytes", warm.bytes);
            assert_eq!(warm.bytes, warm.lanes.values().map(|lane| lane.bytes()).sum::<u64>());
            assert!(warm.lanes.contains_key(&room(0)), "somebody decides on it");
        }
        drop(held);
        (100..200).for_each(|number| lanes.weigh(&lanes.get(&room(number)), BYTES_MAX / 2));
        assert!(!lanes.warm.lock().lanes.contains_key(&room(0)));
    }
}
