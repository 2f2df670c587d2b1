//! Backups of room keys.

use domain::{
    Fact,
    backup::{
        BackupState, CreateBackup, DeleteBackup, DeleteKeys, INFO_BYTES_MAX, ROOM_ID_BYTES_MAX, SESSION_BYTES_MAX,
        SESSION_ID_BYTES_MAX, Scope, Sessions, StoreKeys, UpdateBackup,
    },
};
use ruma::OwnedRoomId;

use crate::{
    ink::Ink,
    sessions::alice,
    world::{Twins, World},
};

/// What every session has.
pub(crate) const SESSION: &str = concat!(
    r#""first_message_index":0,"forwarded_count":9007199254740991,"is_verified":false,"#,
    r#""session_data":{"ciphertext":"","ephemeral":"","mac":""},"#,
);
/// What every backup has.
const INFO: &str = r#""algorithm":"x","auth_data":{},"#;

fn create(ink: &Ink, bytes: usize) -> CreateBackup {
    CreateBackup { user_id: alice(), info: ink.raw_of(INFO, bytes) }
}

/// The state of somebody with a backup.
pub(crate) fn with_backup(world: &mut World, ink: &Ink) -> Twins<BackupState> {
    let mut backup = Twins::default();
    world.accept(&mut backup, create(ink, 100));
    backup
}

/// The algorithm and what belongs to it.
pub(crate) fn public_data(world: &mut World, ink: &Ink) {
    let mut backup = Twins::<BackupState>::default();
    let update =
        |version: &str, bytes| UpdateBackup { user_id: alice(), version: version.to_owned(), info: ink.raw_of(INFO, bytes) };
    for bytes in [INFO.len() + 1, 700, INFO_BYTES_MAX] {
        world.accept(&mut backup, create(ink, bytes));
    }
    world.refuse(&backup, create(ink, INFO_BYTES_MAX + 1), "M_TOO_LARGE");
    world.refuse(&backup, CreateBackup { user_id: alice(), info: ink.raw_of("", 2) }, "M_BAD_JSON");
    world.accept(&mut backup, update("1", INFO_BYTES_MAX));
    world.refuse(&backup, update("1", INFO_BYTES_MAX + 1), "M_TOO_LARGE");
    let delete = |version: &str| DeleteBackup { user_id: alice(), version: version.to_owned() };
    world.accept(&mut backup, delete("1"));
    for version in ["1", "0", "", "18446744073709551615", "18446744073709551616", "-1"] {
        world.refuse(&backup, delete(version), "M_NOT_FOUND");
    }
}

pub(crate) fn room(ink: &Ink, bytes: usize) -> OwnedRoomId {
    OwnedRoomId::try_from(format!("!{}", ink.text(bytes - 1))).unwrap()
}

pub(crate) fn store(rooms: Sessions) -> StoreKeys {
    StoreKeys { user_id: alice(), version: "1".to_owned(), rooms }
}

/// Sessions.
pub(crate) fn sessions(world: &mut World, ink: &Ink) {
    let mut backup = with_backup(world, ink);
    let least = SESSION.len() + 1;
    let one = |room_id: usize, session: usize, bytes: usize| {
        store(Sessions::from([(room(ink, room_id), [(ink.text(session), ink.raw_of(SESSION, bytes))].into())]))
    };
    for (room, session, bytes) in [(1, 0, least), (2, 1, 800), (ROOM_ID_BYTES_MAX, SESSION_ID_BYTES_MAX, SESSION_BYTES_MAX)]
    {
        world.accept(&mut backup, one(room, session, bytes));
    }
    world.refuse(&backup, one(ROOM_ID_BYTES_MAX + 1, 1, least), "M_INVALID_PARAM");
    world.refuse(&backup, one(1, SESSION_ID_BYTES_MAX + 1, least), "M_TOO_LARGE");
    world.refuse(&backup, one(1, 1, SESSION_BYTES_MAX + 1), "M_TOO_LARGE");
    let rooms = Sessions::from([(room(ink, 1), [(ink.text(1), ink.raw_of("", 2))].into())]);
    world.refuse(&backup, store(rooms), "M_BAD_JSON");

    let delete = |scope| DeleteKeys { user_id: alice(), version: "1".to_owned(), scope };
    let longest = (room(ink, ROOM_ID_BYTES_MAX), ink.text(SESSION_ID_BYTES_MAX));
    let facts = world.accept(&mut backup, delete(Scope::Session(longest.0.clone(), longest.1)));
    assert!(matches!(&facts[..], [Fact::BackupKeysDeleted(fact)] if fact.totals.count == 2));
    world.pass(&backup, delete(Scope::Room(longest.0)));
    world.accept(&mut backup, delete(Scope::Room(room(ink, 2))));
    world.accept(&mut backup, delete(Scope::All));
    world.pass(&backup, delete(Scope::All));
}
