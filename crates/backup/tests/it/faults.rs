//! What is missing, damaged, of somebody else or newer is said, and nothing is taken for a backup that is none.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use backup::{Folder, Options};

use crate::support::{Server, identity, restore};

fn only_file(folder: &Path) -> PathBuf {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(entries.len(), 1);
    let entry = entries.pop().unwrap();
    if entry.is_dir() { only_file(&entry) } else { entry }
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// A folder with one backup of a log with a message, and a file.
fn backed_up(options: &Options) -> (tempfile::TempDir, Server) {
    let place = tempfile::tempdir().unwrap();
    let server = Server::new("alice.example/log");
    server.say(&["a secret that is looked for"]);
    server.media.add(b"a picture that is looked for".to_vec());
    server.back_up(place.path(), options, 1_000).unwrap();
    (place, server)
}

fn refused(path: &Path, words: &str) {
    let said = restore(path, None, Some(identity())).unwrap_err().to_string();
    assert!(said.contains(words), "{said:?} has {words:?}");
}

#[test]
fn whatever_is_missing_or_changed_is_named() {
    for kind in ["segments", "keys", "lists", "media"] {
        for recipient in [None, Some(identity().recipient())] {
            let (place, _server) = backed_up(&Options { recipient, ..Options::default() });
            let file = only_file(&place.path().join(kind));
            flip(&file);
            refused(place.path(), &format!("{} is damaged", file.display()));
            fs::remove_file(&file).unwrap();
            refused(place.path(), &format!("{} is missing", file.display()));
        }
    }
}

#[test]
fn an_encrypted_backup_opens_for_its_recipient_alone() {
    let recipient = Some(identity().recipient());
    let (place, server) = backed_up(&Options { recipient, ..Options::default() });
    let restored = restore(place.path(), None, Some(identity())).unwrap();
    assert_eq!((restored.records, restored.keys), (server.records(), server.keys.clone()));
    let said = restore(place.path(), None, None).unwrap_err().to_string();
    assert!(said.contains("--identity") && said.contains(&identity().recipient().to_string()), "{said}");
    let other = "AGE-SECRET-KEY-1RGDN9V8MSMDKE6CVNWTWKYC6J439WE8QN68DW68S3PV4PG4ACYLQFW0V7Q".parse().unwrap();
    let said = restore(place.path(), None, Some(other)).unwrap_err().to_string();
    assert!(said.contains("this identity is of age1"), "{said}");
    let media = only_file(&place.path().join("media"));
    assert!(!String::from_utf8_lossy(&fs::read(media).unwrap()).contains("looked for"));
}

#[test]
fn a_newer_format_is_left_to_newer_versions() {
    let (place, _server) = backed_up(&Options::default());
    let manifest = only_file(&place.path().join("backups"));
    let text = fs::read_to_string(&manifest).unwrap();
    let newer = text.replace("\"version\": 1,", "\"version\": 2,").replace("\"keys\"", "\"other_keys\"");
    assert_ne!(newer, text);
    fs::write(&manifest, newer).unwrap();
    refused(place.path(), "has format 2, and this version reads up to 1. Restore it with test 1 or a newer version");
}

#[test]
fn a_folder_belongs_to_one_server_and_to_nothing_else() {
    let (place, server) = backed_up(&Options::default());
    let said = Server::new("bob.example/log").back_up(place.path(), &Options::default(), 2_000).unwrap_err().to_string();
    assert!(said.contains("holds backups of alice.example/log, and this is bob.example/log"), "{said}");
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("letter.txt"), "").unwrap();
    let said = server.back_up(other.path(), &Options::default(), 2_000).unwrap_err().to_string();
    assert!(said.contains("holds something else than backups"), "{said}");
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 1, "nothing is made there");
    let held = Folder::to_write(place.path()).unwrap();
    let said = server.back_up(place.path(), &Options::default(), 2_000).unwrap_err().to_string();
    assert!(said.contains("another backup or restore is at work"), "{said}");
    drop(held);
    let said = restore(other.path(), None, None).unwrap_err().to_string();
    assert!(said.contains("there is no backup"), "{said}");
    let said = restore(place.path(), Some("000007-x"), None).unwrap_err().to_string();
    assert!(said.contains("there is no backup 000007-x; there are: 000001-1970-01-01T00-00-01Z"), "{said}");
}

#[test]
fn what_vanishes_or_is_damaged_while_it_is_copied_is_left_out_and_named() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::new("alice.example/log");
    let whole = server.media.add(b"whole".to_vec());
    server.media.bytes.borrow_mut().insert([1; 32], b"other bytes than its name says".to_vec());
    server.media.vanishing.borrow_mut().insert([2; 32]);
    let made = server.back_up(place.path(), &Options::default(), 1_000).unwrap();
    let left_out: Vec<_> = made.left_out.iter().map(|it| (it.sha256.as_str(), it.why)).collect();
    let names = ["01".repeat(32), "02".repeat(32)];
    let expected = [(names[0].as_str(), "it is damaged in the data folder"), (names[1].as_str(), "it was erased meanwhile")];
    assert_eq!(left_out, expected);
    assert_eq!((made.manifest.media.count, made.manifest.media.left_out), (1, 2));
    assert_eq!(restore(place.path(), None, None).unwrap().media.into_keys().collect::<Vec<_>>(), [whole]);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;

    fn look(path: &Path) {
        let mode = File::open(path).unwrap().metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        if path.is_dir() {
            fs::read_dir(path).unwrap().for_each(|entry| look(&entry.unwrap().path()));
        }
    }
    let (place, _server) = backed_up(&Options::default());
    look(place.path());
}
