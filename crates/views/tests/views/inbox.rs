//! People send to devices, and devices acknowledge, in any order: what waits has its bounds, nothing that was accepted is lost, and
//! nobody has less room because of others.

use std::collections::BTreeMap;

use domain::{
    Aggregate as _, Command, Context, Decision, Entropy, Fact, Policy, Rejection,
    user::{
        SessionOpened, UserState,
        to_device::{AcknowledgeInbox, Messages, OTHERS_BYTES_MAX, SENDER_BYTES_MAX, SendToDevice, ToDeviceKey, Waiting},
    },
};
use proptest::prelude::*;
use ruma::{
    DeviceId, MilliSecondsSinceUnixEpoch, UInt, owned_server_name, serde::Raw, signatures::Ed25519KeyPair,
    to_device::DeviceIdOrAllDevices,
};
use serde_json::{Value, json};
use views::{END, inbox};

use crate::{facts::user, folded::Folded, house::Known};

const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "mallory"];
/// Whose they are, and their ids.
const DEVICES: [(&str, &str); 3] = [("alice", "PHONE"), ("alice", "TABLET"), ("bob", "PHONE")];
const EVENT_TYPE: &str = "m.room.encrypted";
const NOW_MS: u32 = 1_000;

/// What somebody does.
#[derive(Clone, Debug)]
enum Step {
    /// Somebody sends so many messages, one after the other, of so many bytes to each of these devices.
    Send { sender: usize, devices: Vec<usize>, messages: usize, bytes: usize },
    /// A device has received this part of what waits for it.
    Acknowledge { device: usize, percent: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let devices = prop::sample::subsequence((0..DEVICES.len()).collect::<Vec<_>>(), 1..=DEVICES.len());
    let bytes = prop::sample::select(vec![100, 30_000, 60_000]);
    let send = (0..PEOPLE.len(), devices, 1..30_usize, bytes).prop_map(|(sender, devices, messages, bytes)| Step::Send {
        sender,
        devices,
        messages,
        bytes,
    });
    let acknowledge = (0..DEVICES.len(), 1..=100_usize).prop_map(|(device, percent)| Step::Acknowledge { device, percent });
    prop::collection::vec(prop_oneof![4 => send, 1 => acknowledge], 1..24)
}

/// The server, and what its people and devices know of it.
struct World {
    folded: Folded,
    key: Ed25519KeyPair,
    states: BTreeMap<&'static str, UserState>,
    /// By device: the marker, the sender and the size of each message that waits, the oldest first.
    waiting: Vec<Vec<(u64, &'static str, Waiting)>>,
    sent: u64,
}

impl World {
    fn new() -> Self {
        let open = |(name, device_id): (&str, &str)| {
            let (user_id, device_id) = (user(name), device_id.into());
            Fact::SessionOpened(SessionOpened { user_id, device_id, display_name: None })
        };
        Self {
            folded: Folded::of(DEVICES.map(open)),
            key: Ed25519KeyPair::from_der(&Ed25519KeyPair::generate(), "1".to_owned()).unwrap(),
            states: BTreeMap::new(),
            waiting: vec![Vec::new(); DEVICES.len()],
            sent: 0,
        }
    }

    /// Decides on the lane of `name`, and takes in what is accepted.
    fn submit<C: Command<On = UserState>>(&mut self, name: &'static str, command: C) -> Result<(), Rejection> {
        let state = self.states.entry(name).or_default();
        let lookup = Known(&self.folded);
        let context = Context {
            now: MilliSecondsSinceUnixEpoch(UInt::from(NOW_MS)),
            entropy: Entropy::new([0; 32]),
            server_name: &owned_server_name!("h"),
            signing_key: &self.key,
            policy: &Policy::default(),
            lookup: &lookup,
        };
        if let Decision::Accept { facts, .. } = command.decide(state, &context)? {
            for new in facts {
                let fact = new.fact().clone();
                state.evolve(&fact);
                self.folded.add(fact.clone());
                fact.erases().iter().for_each(|position| self.folded.erase(*position));
            }
        }
        Ok(())
    }

    /// What waits for a device from a sender, by what was accepted and not acknowledged.
    fn of(&self, device: usize, sender: &str) -> Waiting {
        let from = self.waiting[device].iter().filter(|(_, from, _)| *from == sender);
        from.fold(Waiting::default(), |all, (.., one)| all.plus(*one))
    }

    fn send(&mut self, sender: &'static str, devices: &[usize], bytes: usize) {
        self.sent += 1;
        let content = json!({ "marker": self.sent, "text": "x".repeat(bytes) });
        let content = Raw::from_json(serde_json::value::to_raw_value(&content).unwrap());
        let one = Waiting::one(content.json().get().len(), EVENT_TYPE);
        let mut messages = Messages::new();
        for (owner, device) in devices.iter().map(|device| DEVICES[*device]) {
            let device = DeviceIdOrAllDevices::DeviceId(device.into());
            messages.entry(user(owner)).or_default().insert(device, content.clone());
        }
        let transaction_id = self.sent.to_string().into();
        let key = ToDeviceKey { device_id: "X".into(), event_type: EVENT_TYPE.to_owned(), transaction_id };
        // What the sender has there itself is all that counts.
        let fits = devices.iter().all(|device| self.of(*device, sender).plus(one).bytes <= SENDER_BYTES_MAX as u64);
        let outcome = self.submit(sender, SendToDevice { sender: user(sender), key, messages });
        assert_eq!(outcome.map_err(|refused| refused.status), if fits { Ok(()) } else { Err(429) });
        for device in devices.iter().filter(|_| fits) {
            self.waiting[*device].push((self.sent, sender, one));
        }
    }

    fn acknowledge(&mut self, device: usize, percent: usize) {
        let (owner, device_id) = DEVICES[device];
        let received = self.waiting[device].len() * percent / 100;
        let until = inbox::delivered(&*self.folded.rows(), &user(owner), device_id.into(), END, received).unwrap();
        let Some(until) = until.last().copied() else { return };
        self.submit(owner, AcknowledgeInbox { user_id: user(owner), device_id: device_id.into(), until }).unwrap();
        self.waiting[device].drain(..received);
    }

    fn check(&self) {
        let rows = self.folded.rows();
        for (device, (owner, device_id)) in DEVICES.into_iter().enumerate() {
            let (reader, device_id) = (self.folded.reader(&user(owner)), <&DeviceId>::from(device_id));
            let page = inbox::inbox_page(&*rows, &reader, device_id, (0, END), usize::MAX).unwrap();
            let marker = |event: &Raw<_>| event.get_field::<Value>("content").unwrap().unwrap()["marker"].as_u64();
            let found: Vec<_> = page.events.iter().filter_map(marker).collect();
            let expected: Vec<_> = self.waiting[device].iter().map(|(marker, ..)| *marker).collect();
            assert_eq!(found, expected, "{owner} {device_id}");
            let mut others = Waiting::default();
            for sender in PEOPLE {
                let fill = inbox::fill(&*rows, &user(owner), device_id, &user(sender)).unwrap();
                assert_eq!(fill.of_sender, self.of(device, sender), "{sender} at {owner} {device_id}");
                assert!(fill.of_sender.bytes <= SENDER_BYTES_MAX as u64);
                others = if sender == owner { others } else { others.plus(fill.of_sender) };
            }
            let fill = inbox::fill(&*rows, &user(owner), device_id, &user(owner)).unwrap();
            assert_eq!(fill.of_others, others);
            assert!(others.bytes <= OTHERS_BYTES_MAX as u64);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_accepted_waits_within_bounds_and_nobody_takes_the_room_of_others(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            match step {
                Step::Send { sender, devices, messages, bytes } => {
                    (0..messages).for_each(|_| world.send(PEOPLE[sender], &devices, bytes));
                }
                Step::Acknowledge { device, percent } => world.acknowledge(device, percent),
            }
            world.check();
        }
        world.folded.assert_replay_is_equal();
    }
}
