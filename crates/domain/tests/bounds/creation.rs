//! New rooms, with an address and without.

use domain::{
    directory::{ALIAS_BYTES_MAX, DirectoryState},
    room::{CreateNamedRoom, InitialState, NewRoom, ROOM_VERSIONS},
};
use ruma::{CanonicalJsonObject, RoomVersionId, api::client::room::create_room::v3::RoomPreset, owned_user_id};
use serde_json::json;

use crate::{
    directory::alias,
    ink::Ink,
    sessions::alice,
    world::{Twins, World},
};

/// A private chat of alice.
pub(crate) fn new_room(version: RoomVersionId) -> NewRoom {
    NewRoom {
        creator: alice(),
        version: Some(version),
        preset: RoomPreset::PrivateChat,
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

/// Rooms with everything that one can ask for.
pub(crate) fn new_rooms(world: &mut World, ink: &Ink) {
    let mut directory = Twins::<DirectoryState>::default();
    for (number, version) in ROOM_VERSIONS.into_iter().enumerate() {
        let levels = json!({ "ban": 9_007_199_254_740_991_i64, "users_default": -9_007_199_254_740_991_i64 });
        let initial_state =
            InitialState { event_type: ink.text(255), state_key: "k".to_owned(), content: ink.canonical(9_000) };
        let room = |bytes: usize| NewRoom {
            creation_content: ink.canonical(700),
            initial_state: vec![initial_state.clone()],
            power_level_override: serde_json::from_value(levels.clone()).unwrap(),
            name: Some(ink.text(1_000)),
            topic: Some(ink.text(1_000)),
            alias: Some(alias(ink, bytes, number)),
            invites: vec![owned_user_id!("@bob:h"), owned_user_id!("@bob:h"), alice()],
            preset: RoomPreset::TrustedPrivateChat,
            is_direct: true,
            ..new_room(version.clone())
        };
        let create = |room, is_listed| CreateNamedRoom { room, is_listed };
        world.refuse(&directory, create(room(ALIAS_BYTES_MAX + 1), true), "M_INVALID_PARAM");
        world.accept(&mut directory, create(room(4), false));
        world.accept(&mut directory, create(room(ALIAS_BYTES_MAX), true));
        world.refuse(&directory, create(room(ALIAS_BYTES_MAX), true), "M_ROOM_IN_USE");
        let long = NewRoom { topic: Some(ink.text(65_536)), ..room(5) };
        world.refuse(&directory, create(long, true), "M_TOO_LARGE");
        let other = NewRoom { version: Some(RoomVersionId::V2), ..room(5) };
        world.refuse(&directory, create(other, true), "M_UNSUPPORTED_ROOM_VERSION");
    }
}
