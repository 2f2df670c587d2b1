//! User names, email addresses, room addresses and the public list.

use domain::{
    directory::{
        ALIAS_BYTES_MAX, ALIASES_PER_ROOM_MAX, AddAlias, AddEmail, DirectoryState, EMAIL_BYTES_MAX, EMAILS_PER_ACCOUNT_MAX,
        EmailAddress, ListRoom, MoveAliases, Register, RegistrationToken, RegistrationTokenHash, RemoveAlias, RemoveEmail,
        SignUpToken, VerifyEmail,
    },
    user::{DEVICE_NAME_BYTES_MAX, NewSession},
};
use ruma::{
    CanonicalJsonObject, OwnedRoomAliasId, OwnedRoomId, RoomId, events::StateEventType,
    events::room::member::MembershipState, owned_room_id, owned_user_id,
};
use serde_json::json;

use crate::{
    ink::Ink,
    world::{Twins, World},
};

/// Bytes of the longest user name: `@` and `:h` go off from 255.
const NAME_BYTES_MAX: usize = 252;

fn email(bytes: usize, number: usize) -> Option<EmailAddress> {
    let text = format!("{number}\"𝄞\u{ffff}");
    EmailAddress::parse(&format!("{text}{}@h", "a".repeat(bytes - text.len() - 2))).ok()
}

fn register(username: &str, email: Option<EmailAddress>, session: NewSession) -> Register {
    let password_phc = Some("$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHQ$aGFzaA".to_owned());
    let hash = RegistrationTokenHash::of(username);
    let token = Some(SignUpToken::Configured(RegistrationToken { hash, uses_max: None, expires_at_ms: None }));
    Register { username: Some(username.to_owned()), email, password_phc, session: Some(session), token }
}

/// User names and email addresses.
pub(crate) fn names(world: &mut World, ink: &Ink) {
    let mut directory = Twins::<DirectoryState>::default();
    let session = |id: usize, name: usize, lifetime_ms| NewSession {
        device_id: Some(ink.text(id).into()),
        display_name: Some(ink.text(name)),
        lifetime_ms,
    };
    let longest = "u".repeat(NAME_BYTES_MAX);
    world.accept(&mut directory, register("u", email(16, 0), session(1, 0, None)));
    let most = session(255, DEVICE_NAME_BYTES_MAX, Some(u64::MAX));
    world.accept(&mut directory, register(&longest, email(EMAIL_BYTES_MAX, 0), most));
    world.accept(&mut directory, Register { username: None, email: None, password_phc: None, session: None, token: None });
    assert!(email(EMAIL_BYTES_MAX + 1, 0).is_none());
    for (name, session, code) in [
        ("", NewSession::default(), "M_INVALID_USERNAME"),
        (&*(longest + "u"), NewSession::default(), "M_INVALID_USERNAME"),
        ("v", session(256, 0, None), "M_INVALID_PARAM"),
        ("v", session(0, 0, None), "M_INVALID_PARAM"),
        ("v", session(1, DEVICE_NAME_BYTES_MAX + 1, None), "M_INVALID_PARAM"),
    ] {
        world.refuse(&directory, register(name, None, session), code);
    }
    let user_id = owned_user_id!("@u:h");
    let add = |number| AddEmail { user_id: user_id.clone(), email: email(EMAIL_BYTES_MAX, number).unwrap() };
    (1..EMAILS_PER_ACCOUNT_MAX).for_each(|number| drop(world.accept(&mut directory, add(number))));
    world.refuse(&directory, add(EMAILS_PER_ACCOUNT_MAX), "M_FORBIDDEN");
    let first = email(EMAIL_BYTES_MAX, 1).unwrap();
    world.accept(&mut directory, VerifyEmail { user_id: user_id.clone(), email: first });
    let remove = RemoveEmail { user_id: user_id.clone(), email: None };
    assert_eq!(world.accept(&mut directory, remove).len(), EMAILS_PER_ACCOUNT_MAX);
}

/// An address of so many bytes that a number tells apart from others.
pub(crate) fn alias(ink: &Ink, bytes: usize, number: usize) -> OwnedRoomAliasId {
    let number = format!("{number}");
    OwnedRoomAliasId::try_from(format!("#{number}{}:h", ink.text(bytes - number.len() - 3))).unwrap()
}

fn object(value: serde_json::Value) -> CanonicalJsonObject {
    serde_json::from_value(value).unwrap()
}

/// Says that one room replaces another.
fn replace(world: &mut World, from: &RoomId, to: &RoomId) {
    let key = |room: &RoomId, event_type| (room.to_owned(), event_type);
    let tombstone = object(json!({ "replacement_room": to }));
    let create = object(json!({ "predecessor": { "room_id": from } }));
    world.known.state.insert(key(from, StateEventType::RoomTombstone), tombstone);
    world.known.state.insert(key(from, StateEventType::RoomCreate), CanonicalJsonObject::new());
    world.known.state.insert(key(to, StateEventType::RoomCreate), create);
}

/// Room addresses and the public list.
pub(crate) fn addresses(world: &mut World, ink: &Ink) {
    let mut directory = Twins::<DirectoryState>::default();
    let (old, new) = (owned_room_id!("!old:h"), owned_room_id!("!new:h"));
    let sender = owned_user_id!("@alice:h");
    world.known.membership = Some(MembershipState::Join);
    replace(world, &old, &new);
    let add = |room: &OwnedRoomId, bytes, number| {
        let alias = alias(ink, bytes, number);
        AddAlias { sender: sender.clone(), alias, room_id: room.clone() }
    };
    world.accept(&mut directory, add(&old, 4, 0));
    (1..ALIASES_PER_ROOM_MAX).for_each(|number| drop(world.accept_once(&mut directory, add(&old, ALIAS_BYTES_MAX, number))));
    world.refuse(&directory, add(&old, ALIAS_BYTES_MAX, ALIASES_PER_ROOM_MAX), "M_FORBIDDEN");
    world.refuse(&directory, add(&new, ALIAS_BYTES_MAX + 1, ALIASES_PER_ROOM_MAX), "M_INVALID_PARAM");
    world.accept(&mut directory, add(&new, ALIAS_BYTES_MAX, 1_000));
    let list = |room_id: &OwnedRoomId, is_listed| ListRoom { sender: sender.clone(), room_id: room_id.clone(), is_listed };
    world.accept(&mut directory, list(&old, true));

    // The new room has one already, so that one of the old room's stays, and the old one is no longer in the list.
    let there = MoveAliases { from: old.clone(), to: new.clone() };
    assert_eq!(world.accept(&mut directory, there.clone()).len(), ALIASES_PER_ROOM_MAX - 1 + 2);
    world.pass(&directory, there);
    world.refuse(&directory, add(&new, ALIAS_BYTES_MAX, 1_001), "M_FORBIDDEN");
    world.accept(&mut directory, list(&new, false));
    let remove = |number| RemoveAlias { sender: sender.clone(), alias: alias(ink, ALIAS_BYTES_MAX, number) };
    world.accept(&mut directory, remove(1_000));
    world.refuse(&directory, remove(1_000), "M_NOT_FOUND");
}
