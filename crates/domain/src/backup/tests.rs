//! Backups: versions, which copy of a session wins, and what clients are told of the totals.

use ruma::{OwnedRoomId, serde::Raw};
use serde_json::json;

use super::state::bytes_of;
use super::{
    BACKUPS_MAX, BackupState, CreateBackup, DeleteBackup, DeleteKeys, Scope, Sessions, StoreKeys, Totals, UpdateBackup,
};
use crate::user::keys::fixture::{code, when};

fn create(key: &str) -> CreateBackup {
    CreateBackup { user_id: "@alice:h".try_into().unwrap(), info: info("m.megolm_backup.v1.curve25519-aes-sha2", key) }
}

fn info<T>(algorithm: &str, key: &str) -> Raw<T> {
    serde_json::from_value(json!({"algorithm": algorithm, "auth_data": {"public_key": key, "signatures": {}}})).unwrap()
}

fn room() -> OwnedRoomId {
    "!room:h".try_into().unwrap()
}

/// A session's copy: first message index, forwarded count, verified.
fn store(version: &str, session: &str, (index, forwarded, verified): (u32, u32, bool)) -> StoreKeys {
    let data = serde_json::from_value(json!({
        "first_message_index": index,
        "forwarded_count": forwarded,
        "is_verified": verified,
        "session_data": {"ephemeral": "AAAA", "ciphertext": "AAAA", "mac": "AAAA"},
    }))
    .unwrap();
    let rooms = Sessions::from([(room(), [(session.to_owned(), data)].into())]);
    StoreKeys { user_id: "@alice:h".try_into().unwrap(), version: version.to_owned(), rooms }
}

#[test]
fn the_better_copy_of_a_session_wins() {
    let table = [
        ((5, 1, false), (5, 1, false), false, "the same"),
        ((5, 1, false), (9, 9, true), true, "verified"),
        ((5, 1, true), (0, 0, false), false, "not verified any more"),
        ((5, 1, false), (4, 9, false), true, "opens older messages"),
        ((5, 1, false), (6, 0, false), false, "opens fewer messages"),
        ((5, 1, false), (5, 0, false), true, "forwarded less often"),
        ((5, 1, false), (5, 2, false), false, "forwarded more often"),
    ];
    for (old, new, is_replaced, name) in table {
        let mut state = BackupState::default();
        when(&mut state, create("AAAA")).unwrap();
        assert_eq!(when(&mut state, store("1", "s", old)).unwrap().0, Totals { etag: 1, count: 1 });
        let (totals, facts) = when(&mut state, store("1", "s", new)).unwrap();
        assert_eq!(
            (totals.etag, totals.count, facts.len()),
            (1 + u64::from(is_replaced), 1, usize::from(is_replaced)),
            "{name}"
        );
    }
}

#[test]
fn keys_go_into_the_newest_backup_only() {
    let mut state = BackupState::default();
    let refused = |state: &mut BackupState, version: &str| {
        when(state, store(version, "s", (0, 0, true))).map(|_| ()).err().map(|refused| (code(&refused), refused.status))
    };
    assert_eq!(refused(&mut state, "1"), Some(("M_NOT_FOUND".to_owned(), 404)));
    assert_eq!(when(&mut state, create("AAAA")).unwrap().0, 1);
    assert_eq!(when(&mut state, create("BBBB")).unwrap().0, 2);
    assert_eq!(refused(&mut state, "1"), Some(("M_WRONG_ROOM_KEYS_VERSION".to_owned(), 403)));
    assert_eq!(refused(&mut state, "nonsense"), Some(("M_NOT_FOUND".to_owned(), 404)));
    assert_eq!(refused(&mut state, "2"), None);
    let delete = DeleteBackup { user_id: "@alice:h".try_into().unwrap(), version: "2".to_owned() };
    when(&mut state, delete.clone()).unwrap();
    assert_eq!(code(&when(&mut state, delete).map(|_| ()).unwrap_err()), "M_NOT_FOUND");
    // The one before is the newest again, but the number is not given a second time.
    assert_eq!(refused(&mut state, "1"), None);
    assert_eq!(when(&mut state, create("CCCC")).unwrap().0, 3);
}

#[test]
fn public_data_changes_and_the_algorithm_does_not() {
    let mut state = BackupState::default();
    when(&mut state, create("AAAA")).unwrap();
    let update = |algorithm: &str, key: &str| UpdateBackup {
        user_id: "@alice:h".try_into().unwrap(),
        version: "1".to_owned(),
        info: info(algorithm, key),
    };
    assert_eq!(when(&mut state, update("m.megolm_backup.v1.curve25519-aes-sha2", "BBBB")).unwrap().1.len(), 1);
    assert_eq!(when(&mut state, update("m.megolm_backup.v1.curve25519-aes-sha2", "BBBB")).unwrap().1.len(), 0);
    assert_eq!(code(&when(&mut state, update("org.example.other", "BBBB")).map(|_| ()).unwrap_err()), "M_INVALID_PARAM");
}

#[test]
fn deleting_counts_what_is_gone() {
    let mut state = BackupState::default();
    when(&mut state, create("AAAA")).unwrap();
    for session in ["a", "b", "c"] {
        when(&mut state, store("1", session, (0, 0, true))).unwrap();
    }
    let delete = |scope| DeleteKeys { user_id: "@alice:h".try_into().unwrap(), version: "1".to_owned(), scope };
    let table = [
        (Scope::Session(room(), "a".to_owned()), Totals { etag: 4, count: 2 }),
        (Scope::Session(room(), "a".to_owned()), Totals { etag: 4, count: 2 }),
        (Scope::Room(room()), Totals { etag: 5, count: 0 }),
        (Scope::All, Totals { etag: 5, count: 0 }),
    ];
    for (scope, expected) in table {
        assert_eq!(when(&mut state, delete(scope)).unwrap().0, expected);
    }
}

#[test]
fn there_are_so_many_backups_and_a_deleted_one_makes_room() {
    let mut state = BackupState::default();
    for version in 1..=BACKUPS_MAX as u64 {
        assert_eq!(when(&mut state, create("AAAA")).unwrap().0, version);
    }
    assert_eq!(code(&when(&mut state, create("AAAA")).map(|_| ()).unwrap_err()), "M_FORBIDDEN");
    when(&mut state, DeleteBackup { user_id: "@alice:h".try_into().unwrap(), version: "7".to_owned() }).unwrap();
    when(&mut state, create("AAAA")).unwrap();
}

#[test]
fn bytes_are_those_of_the_copies_that_are_there() {
    let mut state = BackupState::default();
    let bytes = |session: &str, command: &StoreKeys| bytes_of(&room(), session, &command.rooms[&room()][session]);
    let (long, longer, short) =
        (store("1", "a", (1_000_000, 0, false)), store("1", "bbb", (9, 9, false)), store("1", "a", (0, 0, true)));
    let (of_long, of_longer, of_short) = (bytes("a", &long), bytes("bbb", &longer), bytes("a", &short));
    when(&mut state, create("AAAA")).unwrap();
    when(&mut state, long).unwrap();
    when(&mut state, longer).unwrap();
    assert_eq!(state.bytes(), of_long + of_longer);
    when(&mut state, short).unwrap();
    assert_eq!(state.bytes(), of_short + of_longer, "a better copy takes the place of the one before");
    let delete = |scope| DeleteKeys { user_id: "@alice:h".try_into().unwrap(), version: "1".to_owned(), scope };
    when(&mut state, delete(Scope::Session(room(), "bbb".to_owned()))).unwrap();
    assert_eq!(state.bytes(), of_short);
    when(&mut state, delete(Scope::Room(room()))).unwrap();
    assert_eq!(state.bytes(), 0);
}

#[test]
fn a_large_upload_is_split_into_records_that_fit() {
    let mut state = BackupState::default();
    when(&mut state, create("AAAA")).unwrap();
    let mut command = store("1", "s", (0, 0, true));
    let data = command.rooms[&room()]["s"].clone();
    let sessions = command.rooms.get_mut(&room()).unwrap();
    sessions.extend((0..5_000).map(|n| (format!("session{n}"), data.clone())));
    let (totals, facts) = when(&mut state, command).unwrap();
    assert_eq!(totals, Totals { etag: 1, count: 5_001 });
    assert!(facts.len() > 1 && facts.iter().all(|fact| fact.encode().unwrap().payload.len() < 1 << 20));
}

#[test]
fn a_backup_has_a_public_key_and_a_change_names_the_version_of_its_path_or_none() {
    let of = |value: serde_json::Value| serde_json::from_value::<Raw<_>>(value).unwrap();
    let algorithm = "m.megolm_backup.v1.curve25519-aes-sha2";
    let mut state = BackupState::default();
    for (auth_data, expected) in [
        (json!({ "public_key": "AAAA" }), Ok(())),
        (json!({ "public_key": 1 }), Err("M_BAD_JSON".to_owned())),
        (json!({}), Err("M_BAD_JSON".to_owned())),
    ] {
        let info = of(json!({ "algorithm": algorithm, "auth_data": auth_data }));
        let created = when(&mut state, CreateBackup { user_id: "@alice:h".try_into().unwrap(), info });
        assert_eq!(created.map(|_| ()).map_err(|rejection| code(&rejection)), expected, "{auth_data}");
    }
    for (named, expected) in [
        (json!({}), Ok(1)),
        (json!({ "version": "1" }), Ok(1)),
        (json!({ "version": "2" }), Err("M_INVALID_PARAM".to_owned())),
        (json!({ "version": 1 }), Err("M_INVALID_PARAM".to_owned())),
    ] {
        let key = format!("key of {named}");
        let mut info = json!({ "algorithm": algorithm, "auth_data": { "public_key": key } });
        info.as_object_mut().unwrap().extend(named.as_object().unwrap().clone());
        let update = UpdateBackup { user_id: "@alice:h".try_into().unwrap(), version: "1".to_owned(), info: of(info) };
        let updated = when(&mut state, update).map(|(_, facts)| facts.len());
        assert_eq!(updated.map_err(|rejection| code(&rejection)), expected, "{named}");
    }
}
