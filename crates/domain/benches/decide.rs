//! How fast the rules decide: one encrypted message into rooms of several sizes, signed and hashed, and one new room. And what
//! a snapshot of a room costs.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark may fail loudly")]

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use domain::{
    Aggregate, Command, Context, Decision, Entropy, Fact, Policy,
    lookup::NothingKnown,
    room::{
        ChangeMembership, CreateRoom, MembershipAction, NewRoom, RoomState, SendMessage, TransactionKey, TransactionPath,
    },
    user::UserState,
};
use ruma::{
    CanonicalJsonObject, MilliSecondsSinceUnixEpoch, OwnedRoomId, OwnedUserId, RoomVersionId, ServerName,
    api::client::room::create_room::v3::RoomPreset, owned_server_name, signatures::Ed25519KeyPair, uint,
};
use serde_json::json;

/// About what a short message is when it is encrypted with megolm.
const CIPHERTEXT_BYTES: usize = 800;

struct Surroundings {
    server: ruma::OwnedServerName,
    key: Ed25519KeyPair,
    policy: Policy,
}

impl Surroundings {
    fn new() -> Self {
        let key = Ed25519KeyPair::from_der(&Ed25519KeyPair::generate(), "1".to_owned()).unwrap();
        Self { server: owned_server_name!("h"), key, policy: Policy::default() }
    }

    fn context(&self) -> Context<'_> {
        let server: &ServerName = &self.server;
        Context {
            now: MilliSecondsSinceUnixEpoch(uint!(1_700_000_000)),
            entropy: Entropy::new([1; 32]),
            server_name: server,
            signing_key: &self.key,
            policy: &self.policy,
            lookup: &NothingKnown,
        }
    }

    fn decide<C: Command>(&self, state: &C::On, command: C) -> Vec<Fact> {
        match command.decide(state, &self.context()) {
            Ok(Decision::Accept { facts, .. }) => facts.iter().map(|new| new.fact().clone()).collect(),
            Ok(Decision::AlreadyDone(_)) => panic!("nothing was decided"),
            Err(rejection) => panic!("{rejection}"),
        }
    }
}

fn person(number: usize) -> OwnedUserId {
    OwnedUserId::try_from(format!("@user{number}:h")).unwrap()
}

fn public_room() -> NewRoom {
    NewRoom {
        creator: person(0),
        version: Some(RoomVersionId::V12),
        preset: RoomPreset::PublicChat,
        creation_content: CanonicalJsonObject::new(),
        initial_state: Vec::new(),
        power_level_override: CanonicalJsonObject::new(),
        name: None,
        topic: None,
        alias: None,
        invites: Vec::new(),
        is_direct: false,
    }
}

/// A room with this many members.
fn room(surroundings: &Surroundings, members: usize) -> RoomState {
    let mut state = RoomState::default();
    for fact in surroundings.decide(&UserState::default(), CreateRoom(public_room())) {
        state.evolve(&fact);
    }
    for number in 1..members {
        let (room_id, joiner) = (state.id().unwrap().clone(), person(number));
        let action = MembershipAction::Join;
        let command = ChangeMembership { room_id, sender: joiner.clone(), target: joiner, action, reason: None };
        for fact in surroundings.decide(&state, command) {
            state.evolve(&fact);
        }
    }
    state
}

fn message(room_id: OwnedRoomId) -> SendMessage {
    let sender = person(0);
    let content = json!({
        "algorithm": "m.megolm.v1.aes-sha2",
        "ciphertext": "A".repeat(CIPHERTEXT_BYTES),
        "device_id": "PHONE",
        "sender_key": "B".repeat(43),
        "session_id": "C".repeat(43),
    });
    SendMessage {
        room_id,
        sender: sender.clone(),
        event_type: "m.room.encrypted".into(),
        content: serde_json::from_value(content).unwrap(),
        transaction: Some(TransactionKey {
            device_id: "PHONE".into(),
            id: "t1".into(),
            path: Some(TransactionPath::Send("m.room.encrypted".into())),
            user_id: sender,
        }),
    }
}

fn sends(criterion: &mut Criterion) {
    let surroundings = Surroundings::new();
    let mut group = criterion.benchmark_group("decide");
    group.throughput(Throughput::Elements(1));
    for members in [2, 100, 1_000] {
        let state = room(&surroundings, members);
        group.bench_with_input(BenchmarkId::new("message to a room of", members), &state, |bencher, state| {
            let room_id = state.id().unwrap();
            bencher.iter_batched(
                || message(room_id.clone()),
                |command| black_box(surroundings.decide(state, command)),
                BatchSize::SmallInput,
            );
        });
    }
    group.bench_function("new room", |bencher| {
        let nobody = UserState::default();
        bencher.iter_batched(
            public_room,
            |room| black_box(surroundings.decide(&nobody, CreateRoom(room))),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// As many messages as a room remembers the transactions of, or more.
const REMEMBERED: usize = 2_500;

/// What a snapshot of a room costs whose transactions are all taken: the copy that is made under the lane, the JSON, and
/// reading it back. Divided by the facts between two snapshots, the first two are what a fact pays.
fn snapshots(criterion: &mut Criterion) {
    let surroundings = Surroundings::new();
    let mut group = criterion.benchmark_group("snapshot of a room");
    for members in [2, 1_000] {
        let mut state = room(&surroundings, members);
        for number in 0..REMEMBERED {
            let mut command = message(state.id().unwrap().clone());
            command.transaction.as_mut().unwrap().id = format!("m1700000000000.{number}").into();
            surroundings.decide(&state, command).iter().for_each(|fact| state.evolve(fact));
        }
        let json = serde_json::to_vec(&state).unwrap();
        let name = |what| BenchmarkId::new(what, format!("{members} members, {} bytes", json.len()));
        group.bench_function(name("copied"), |bencher| bencher.iter(|| black_box(state.clone())));
        group.bench_function(name("written"), |bencher| bencher.iter(|| black_box(serde_json::to_vec(&state).unwrap())));
        group.bench_function(name("read"), |bencher| {
            bencher.iter(|| black_box(serde_json::from_slice::<RoomState>(&json).unwrap()));
        });
    }
    group.finish();
}

criterion_group!(benches, sends, snapshots);
criterion_main!(benches);
