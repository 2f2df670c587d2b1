//! Backups share what they have in common, and old ones go without harm to others.

use std::{fs, path::Path};

use backup::{Folder, Options, prune};
use event_log::Position;

use crate::support::{Server, go_on, restore};

fn files(path: &Path) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()) {
        count += if entry.is_dir() { files(&entry) } else { 1 };
    }
    count
}

#[test]
fn a_second_backup_writes_only_what_is_new() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::new("alice.example/log");
    server.say(&["first", "second"]);
    server.media.add(vec![1; 5_000]);
    let first = server.back_up(place.path(), &Options::default(), 1_000).unwrap();
    assert_eq!((first.new_records, first.manifest.head.position), (3, Position(3)));
    assert_eq!(first.whole, Some("it is the first one"));
    let again = server.back_up(place.path(), &Options::default(), 2_000).unwrap();
    assert_eq!((again.new_records, again.new_bytes, again.manifest.segments.len()), (0, 0, 1));
    server.say(&["third"]);
    let third = server.back_up(place.path(), &Options::default(), 3_000).unwrap();
    assert_eq!((third.new_records, third.whole, third.manifest.segments.len()), (1, None, 2));
    assert!(third.new_bytes < 1_000, "the file was there already");
    assert_eq!(third.manifest.name(), "000003-1970-01-01T00-00-03Z");
    // Three manifests, two segments, keys, one list, one file, the lock.
    assert_eq!(files(place.path()), 9);
}

#[test]
fn what_nobody_needs_any_more_goes_and_what_was_erased_with_it() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::new("alice.example/log");
    let said = server.say(&["forget me"])[0].position();
    let file = server.media.add(b"an old picture".to_vec());
    server.back_up(place.path(), &Options::default(), 1_000).unwrap();
    server.erase(said);
    server.media.bytes.borrow_mut().remove(&file);
    let whole = Options { whole_after_ms: Some(5_000), ..Options::default() };
    assert_eq!(server.back_up(place.path(), &whole, 5_999).unwrap().whole, None);
    assert_eq!(server.back_up(place.path(), &whole, 6_000).unwrap().whole, Some("the last whole one is old"));
    let folder = Folder::to_write(place.path()).unwrap();
    let pruned = prune(&folder, 1).unwrap();
    // Two segments, a list, and the picture.
    assert_eq!((pruned.backups, pruned.files), (2, 4));
    assert_eq!(prune(&folder, 1).unwrap(), backup::Pruned::default());
    drop(folder);
    assert_eq!(restore(place.path(), None, None).unwrap().records, server.records());
}

#[test]
fn after_a_restore_the_backups_go_on_in_a_line_of_their_own() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::new("alice.example/log");
    server.say(&["before"]);
    let first = server.back_up(place.path(), &Options::default(), 1_000).unwrap();
    server.say(&["lost", "lost"]);
    let lost = server.back_up(place.path(), &Options::default(), 2_000).unwrap();
    let restored = go_on(place.path(), Some(&first.manifest.name()));
    restored.say(&["instead of what was lost", "two"]);
    let made = restored.back_up(place.path(), &Options::default(), 3_000).unwrap();
    assert_eq!(made.whole, Some("the log does not continue the newest backup, as after a restore"));
    assert_eq!(restore(place.path(), None, None).unwrap().records, restored.records());
    assert_eq!(restore(place.path(), Some(&lost.manifest.name()), None).unwrap().records, server.records());
}

#[test]
fn nothing_is_taken_away_while_nobody_can_tell_what_is_needed() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::new("alice.example/log");
    server.back_up(place.path(), &Options::default(), 1_000).unwrap();
    server.say(&["more"]);
    server.back_up(place.path(), &Options::default(), 2_000).unwrap();
    let newest = place.path().join("backups/000002-1970-01-01T00-00-02Z.json");
    fs::write(&newest, "{").unwrap();
    let before = files(place.path());
    assert!(prune(&Folder::to_write(place.path()).unwrap(), 1).unwrap_err().to_string().contains("does not read"));
    assert_eq!(files(place.path()), before);
    // The next backup goes on from the one before.
    let third = server.back_up(place.path(), &Options::default(), 3_000).unwrap();
    assert_eq!((third.manifest.number, third.new_records, third.whole), (3, 1, None));
}
