//! Opening: torn tails are cut back to the last whole unit, damage is refused by position, set-backs are seen.

use std::sync::Arc;

use event_log::{Appender, Cut, LogKey, MemoryBackend, OpenError, Position, RecordStore, TreeKeeper, verify_log};

use crate::support::{Bench, FixedClock, Log, ORIGIN, key, log_of, open, unit};

fn reopen(backend: &Arc<MemoryBackend>) -> Result<(Log, event_log::Recovery), OpenError> {
    let (log, recovery) = Appender::open(Arc::clone(backend), key(), ORIGIN, FixedClock::at(1))?;
    Ok((Log::of(log), recovery))
}

fn damaged(backend: &Arc<MemoryBackend>) -> Position {
    match reopen(backend) {
        Err(OpenError::Damaged { position, .. }) => position,
        other => panic!("damage was not seen: {other:?}"),
    }
}

#[test]
fn a_new_log_begins_with_its_genesis() {
    let (log, recovery) = open(&Arc::new(MemoryBackend::new()));
    assert!(recovery.created);
    assert_eq!(recovery.tip, log.reader.tip());
    assert_eq!(log.reader.get(Position(1)).unwrap().unwrap().header.kind, event_log::GENESIS);
}

#[test]
fn reopening_goes_on_where_it_ended() {
    let backend = Arc::new(MemoryBackend::new());
    let before = log_of(&backend, vec![unit("room:a", &["x", "y"])]).reader.tip();
    let (log, recovery) = reopen(&backend).unwrap();
    assert_eq!((recovery.created, recovery.cut, recovery.tip, log.reader.tip()), (false, None, before, before));
}

/// A write of two units, three records and one, cut after each possible number of bytes.
#[test]
fn a_tail_torn_at_any_byte_is_cut_back_to_the_last_whole_unit() {
    let whole = Arc::new(MemoryBackend::new());
    log_of(&whole, vec![unit("room:a", &["kept"]), unit("room:a", &["a", "b", "c"])]);
    let sizes: Vec<usize> = (3..6).map(|position| whole.frame_len(Position(position))).collect();
    let total: usize = sizes.iter().sum();
    for bytes in 0..=total {
        let backend = Arc::new(MemoryBackend::new());
        let (log, _) = open(&backend);
        let bench = Bench::new(&log);
        bench.append(unit("room:a", &["kept"])).unwrap();
        backend.tear_next(bytes);
        bench.append(unit("room:a", &["a", "b", "c"])).unwrap_err();
        drop(bench);
        backend.power_on();
        let left = backend.head().unwrap().unwrap();
        let (log, recovery) = reopen(&backend).unwrap();
        if bytes == total {
            assert_eq!((recovery.cut, log.reader.head()), (None, Position(5)), "{bytes}");
        } else {
            let cut = (left > Position(2)).then_some(Cut { from: Position(3), to: left });
            assert_eq!((recovery.cut, log.reader.head()), (cut, Position(2)), "{bytes}");
        }
        Bench::new(&log).append(unit("room:a", &["after"])).unwrap();
        verify_log(&log.tree, &mut |_| ()).unwrap();
    }
}

#[test]
fn a_torn_genesis_is_written_anew() {
    let backend = Arc::new(MemoryBackend::new());
    backend.tear_next(40);
    assert!(matches!(reopen(&backend), Err(OpenError::Append(_))));
    backend.power_on();
    let (log, recovery) = reopen(&backend).unwrap();
    assert_eq!((recovery.created, log.reader.head()), (true, Position(1)));
    assert_eq!(recovery.cut, Some(Cut { from: Position(1), to: Position(1) }));
}

#[test]
fn a_flipped_bit_in_the_tail_is_refused_by_position() {
    for position in 2..=5 {
        let backend = Arc::new(MemoryBackend::new());
        log_of(&backend, vec![unit("room:a", &["a", "b"]), unit("room:a", &["c", "d"])]);
        // In the header, in the salt, in the payload of one byte that follows it.
        let end = backend.frame_len(Position(position));
        for byte in [100, end - 17, end - 2, end - 1] {
            backend.flip(Position(position), byte);
            assert_eq!(damaged(&backend), Position(position), "byte {byte}");
            backend.flip(Position(position), byte);
        }
        reopen(&backend).unwrap();
    }
}

#[test]
fn damage_names_the_way_out() {
    let backend = Arc::new(MemoryBackend::new());
    log_of(&backend, vec![unit("room:a", &["a"])]);
    backend.flip(Position(2), 100);
    let text = reopen(&backend).unwrap_err().to_string();
    assert!(text.contains("position 2") && text.contains("verify") && text.contains("restore"), "{text}");
}

#[test]
fn a_log_shorter_than_its_checkpoint_is_refused() {
    let backend = Arc::new(MemoryBackend::new());
    log_of(&backend, vec![unit("room:a", &["a"]), unit("room:a", &["b"])]);
    backend.cut(Position(2)).unwrap();
    assert!(matches!(reopen(&backend), Err(OpenError::SetBack { count: 2, size: 3 })));
}

#[test]
fn another_key_or_origin_is_refused() {
    let backend = Arc::new(MemoryBackend::new());
    log_of(&backend, vec![unit("room:a", &["a"])]);
    let other = LogKey::from_seed(&[2; 32]);
    let opened = Appender::open(Arc::clone(&backend), other, ORIGIN, FixedClock::at(1));
    assert!(matches!(opened, Err(OpenError::OtherKey { .. })));
    let opened = Appender::open(Arc::clone(&backend), key(), "bob.example/log", FixedClock::at(1));
    assert!(matches!(opened, Err(OpenError::OtherOrigin { .. })));
    let opened = Appender::open(backend, key(), "two words", FixedClock::at(1));
    assert!(matches!(opened, Err(OpenError::BadOrigin(_))));
}

#[test]
fn reading_only_changes_nothing_and_needs_a_log() {
    let backend = Arc::new(MemoryBackend::new());
    let opened = TreeKeeper::open_read_only(Arc::clone(&backend), key(), FixedClock::at(1));
    assert!(matches!(opened, Err(OpenError::Empty)));
    assert_eq!(backend.head().unwrap(), None);
    let log = log_of(&backend, vec![unit("room:a", &["a"])]);
    let read = TreeKeeper::open_read_only(backend, key(), FixedClock::at(1)).unwrap();
    assert_eq!((read.reader().tip(), read.reader().origin()), (log.reader.tip(), ORIGIN));
}
