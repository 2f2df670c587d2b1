//! Checkpoints and the proofs from their tree.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use event_log::{
    CHECKPOINT_EVERY, Checkpoint, Header, MemoryBackend, Position, Proof, ProofError, RecordStore as _, TreeStore as _,
    verify_log,
};

use crate::support::{Bench, ORIGIN, draft, key, log_of, open, unit};

fn last(backend: &MemoryBackend) -> Checkpoint {
    let stored = backend.last_checkpoint().unwrap().unwrap();
    Checkpoint::open(&stored.note, ORIGIN, &key().public()).unwrap()
}

#[test]
fn closing_writes_a_checkpoint_of_the_whole_log() {
    let backend = Arc::new(MemoryBackend::new());
    let log = log_of(&backend, vec![unit("room:a", &["a", "b"])]);
    let checkpoint = last(&backend);
    assert_eq!((checkpoint.size, checkpoint.position), (3, log.reader.head()));
    assert_eq!(checkpoint.origin, ORIGIN);
}

#[test]
fn a_checkpoint_is_a_signed_note_with_the_log_as_its_origin() {
    let backend = Arc::new(MemoryBackend::new());
    log_of(&backend, vec![]);
    let note = backend.last_checkpoint().unwrap().unwrap().note;
    let lines: Vec<&str> = note.lines().collect();
    assert_eq!((lines[0], lines[1]), (ORIGIN, "1"));
    assert_eq!((lines[3], lines[4], lines[5]), ("at_ms 1700000000000", "position 1", ""));
    assert!(lines[6].starts_with("— alice.example/log "));
}

#[test]
fn a_changed_note_is_refused() {
    let backend = Arc::new(MemoryBackend::new());
    log_of(&backend, vec![]);
    let note = backend.last_checkpoint().unwrap().unwrap().note;
    for at in 0..note.len() {
        let mut bytes = note.clone().into_bytes();
        bytes[at] ^= 1;
        if let Ok(text) = String::from_utf8(bytes) {
            assert!(Checkpoint::open(&text, ORIGIN, &key().public()).is_err(), "byte {at}");
        }
    }
}

#[test]
fn checkpoints_are_never_more_than_ten_thousand_records_apart() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    let bench = Bench::new(&log);
    let full = || event_log::Unit::of(vec![draft("room:a", "x"); 1_000]);
    for _ in 0..21 {
        bench.append(full()).unwrap();
    }
    bench.close();
    let sizes: Vec<u64> = backend.checkpoints(0, 100).unwrap().iter().map(|checkpoint| checkpoint.size).collect();
    assert_eq!(sizes.last(), Some(&21_001));
    let steps = std::iter::once(&0).chain(&sizes).zip(&sizes).map(|(before, after)| after - before);
    assert!(steps.max().unwrap() <= 10_000, "{sizes:?}");
    assert!(sizes[0] >= CHECKPOINT_EVERY);
    assert_eq!(verify_log(&log.tree, &mut |_| ()).unwrap().checkpoints, sizes.len() as u64);
}

#[test]
fn the_tree_catches_up_from_stored_headers() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    let bench = Bench::new(&log);
    for _ in 0..5 {
        bench.append(event_log::Unit::of(vec![draft("room:a", "x"); 1_000])).unwrap();
    }
    // Opened again without a checkpoint, as after a power cut: no leaf is in memory.
    let (again, _) = open(&backend);
    assert_eq!(backend.last_checkpoint().unwrap(), None);
    again.tree.checkpoint().unwrap();
    bench.close();
    assert_eq!(last(&backend).size, 5_001);
    verify_log(&log.tree, &mut |_| ()).unwrap();
}

#[test]
fn a_checkpoint_covers_nothing_that_is_not_acknowledged() {
    let backend = Arc::new(MemoryBackend::new());
    let bench = Bench::new(&open(&backend).0);
    bench.append(unit("room:a", &["acknowledged"])).unwrap();
    // Knows this end and has no leaf in memory; what storage holds behind it might be cut off again.
    let (log, _) = open(&backend);
    bench.append(unit("room:a", &["behind it"])).unwrap();
    assert_eq!((log.tree.checkpoint().unwrap().unwrap().size, backend.head().unwrap()), (2, Some(Position(3))));
}

#[test]
fn checkpoints_that_are_asked_for_while_records_are_written_stand_in_one_row() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    let bench = Bench::new(&log);
    let (tree, is_written) = (&log.tree, &AtomicBool::new(false));
    let ask = move || {
        while !is_written.load(Ordering::SeqCst) {
            let (before, made) = (tree.reader().tip().count, tree.checkpoint().unwrap().unwrap());
            assert!((before..=tree.reader().tip().count).contains(&made.size));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(ask);
        scope.spawn(ask);
        for n in 0..300 {
            bench.append(unit("room:a", &["x"; 3][..1 + n % 3])).unwrap();
            // So that there are some, however fast the records come.
            let began = Instant::now();
            while n % 30 == 0 && tree.last_checkpoint().unwrap().is_none_or(|last| last.size < tree.reader().tip().count) {
                assert!(began.elapsed() < Duration::from_secs(20), "nobody makes a checkpoint any more");
                std::thread::yield_now();
            }
        }
        is_written.store(true, Ordering::SeqCst);
    });
    bench.close();
    // Each must have the root of exactly the records before it.
    let report = verify_log(tree, &mut |_| ()).unwrap();
    assert!(report.checkpoints >= 10, "{} checkpoints", report.checkpoints);
}

#[test]
fn inclusion_and_consistency_are_proven_for_every_pair() {
    let backend = Arc::new(MemoryBackend::new());
    let (log, _) = open(&backend);
    let bench = Bench::new(&log);
    let mut checkpoints = Vec::new();
    for _ in 0..33 {
        bench.append(unit("room:a", &["x"])).unwrap();
        log.tree.checkpoint().unwrap();
        checkpoints.push(last(&backend));
    }
    let hash = |count: u64| log.reader.get(Position(count)).unwrap().unwrap().header.hash();
    for new in &checkpoints {
        for count in 1..=new.size {
            let proof = log.tree.prove_inclusion(new.size, count).unwrap();
            assert!(proof.includes(new.size, new.root, count, hash(count)));
            assert!(!proof.includes(new.size, new.root, count, hash(count % new.size + 1)));
        }
        for old in checkpoints.iter().filter(|old| old.size <= new.size) {
            let proof = log.tree.prove_consistency(new.size, old.size).unwrap();
            assert!(proof.extends(new.size, new.root, old.size, old.root));
            assert!(!proof.extends(new.size, new.root, old.size, [7; 32]));
        }
    }
    assert!(log.tree.prove_inclusion(3, 0).is_err());
    assert!(log.tree.prove_inclusion(3, 4).is_err());
}

#[test]
fn a_record_is_proven_by_a_text_that_stands_alone() {
    let backend = Arc::new(MemoryBackend::new());
    let log = log_of(&backend, vec![unit("room:a", &["one", "two", "three"]), unit("room:b", &["four"])]);
    let last = backend.last_checkpoint().unwrap().unwrap();
    for record in log.reader.read(Position(1), 100).unwrap() {
        let text = log.tree.prove(record.position()).unwrap();
        let (proof, note) = text.split_once("\n\n").unwrap();
        let lines: Vec<&str> = proof.lines().collect();
        assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
        let decoded = |text: &str| STANDARD.decode(text).unwrap();
        let header = Header::decode(&decoded(lines[1].strip_prefix("extra ").unwrap())).unwrap();
        assert_eq!(header, record.header);
        let index: u64 = lines[2].strip_prefix("index ").unwrap().parse().unwrap();
        assert_eq!(index + 1, header.count);
        let hashes = lines[3..].iter().map(|line| decoded(line).try_into().unwrap()).collect();
        let root = decoded(note.lines().nth(2).unwrap()).try_into().unwrap();
        assert!(Proof(hashes).includes(last.size, root, header.count, header.hash()));
    }
    assert!(matches!(log.tree.prove(Position(99)), Err(ProofError::NoRecord(_))));
}
