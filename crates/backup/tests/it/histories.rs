//! Histories made up at random, with backups anywhere in them: new ones and whole ones, broken-off ones, encrypted ones. Each that is there
//! in the end gives back what the server was when it was made.

use std::collections::BTreeMap;

use backup::{Folder, Options, prune};
use event_log::Payload;
use proptest::prelude::*;

use crate::support::{Restored, Server, identity, restore};

#[derive(Clone, Debug)]
enum Step {
    Say(Vec<String>),
    /// The payload of one of the records, counted from the end.
    Erase(usize),
    Checkpoint,
    Upload(Vec<u8>),
    /// One of the files goes.
    Remove(usize),
    BackUp {
        whole: bool,
        sealed: bool,
    },
    /// A backup that fails in the middle.
    BreakOff,
    Prune(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => prop::collection::vec("[a-zé\"\\\\]{0,12}", 1..6).prop_map(Step::Say),
        3 => (0..20_usize).prop_map(Step::Erase),
        1 => Just(Step::Checkpoint),
        2 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Step::Upload),
        1 => (0..10_usize).prop_map(Step::Remove),
        4 => (prop::bool::weighted(0.2), prop::bool::weighted(0.2)).prop_map(|(whole, sealed)| Step::BackUp { whole, sealed }),
        1 => Just(Step::BreakOff),
        1 => (1..5_usize).prop_map(Step::Prune),
    ];
    prop::collection::vec(step, 1..40)
}

fn erase(server: &Server, from_end: usize) {
    let said = server.records().into_iter().rev().nth(from_end);
    let said = said.filter(|record| record.header.kind == "test.said" && record.payload != Payload::Erased);
    if let Some(record) = said {
        server.erase(record.position());
    }
}

/// Everything that a backup is to give back.
fn now(server: &Server) -> Restored {
    Restored { records: server.records(), media: server.media.bytes.borrow().clone(), keys: server.keys.clone() }
}

fn run(steps: Vec<Step>) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("backups");
    let server = Server::new("alice.example/log");
    let mut expected = BTreeMap::new();
    for (number, step) in (0_u64..).zip(steps) {
        match step {
            Step::Say(payloads) => drop(server.say(&payloads.iter().map(String::as_str).collect::<Vec<_>>())),
            Step::Erase(from_end) => erase(&server, from_end),
            Step::Checkpoint => drop(server.tree.checkpoint().unwrap()),
            Step::Upload(bytes) => drop(server.media.add(bytes)),
            Step::Remove(which) => {
                let digest = server.media.bytes.borrow().keys().nth(which).copied();
                digest.map(|digest| server.media.bytes.borrow_mut().remove(&digest));
            }
            Step::BackUp { whole, sealed } => {
                let options = Options { whole, recipient: sealed.then(|| identity().recipient()), ..Options::default() };
                let made = server.back_up(&path, &options, 1_700_000_000_000 + number * 1_000).unwrap();
                assert!(made.left_out.is_empty());
                expected.insert(made.manifest.name(), now(&server));
            }
            Step::BreakOff => {
                // There is always one that is not there yet.
                server.media.add(number.to_be_bytes().to_vec());
                server.media.is_broken.replace(true);
                server.back_up(&path, &Options::default(), 1).unwrap_err();
                server.media.is_broken.replace(false);
            }
            Step::Prune(keep) if path.exists() => {
                prune(&Folder::to_write(&path).unwrap(), keep).unwrap();
                while expected.len() > keep {
                    expected.pop_first();
                }
            }
            Step::Prune(_) => {}
        }
    }
    let names = if path.exists() { Folder::to_read(&path).unwrap().names().unwrap() } else { Vec::new() };
    assert_eq!(names, expected.keys().cloned().collect::<Vec<_>>());
    for (name, expected) in expected {
        let restored = restore(&path, Some(&name), Some(identity())).unwrap();
        assert_eq!(restored.records, expected.records, "{name}");
        assert_eq!(restored.media, expected.media, "{name}");
        assert_eq!(restored.keys, expected.keys, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_backup_gives_back_what_was_there_when_it_was_made(steps in steps()) {
        run(steps);
    }
}
