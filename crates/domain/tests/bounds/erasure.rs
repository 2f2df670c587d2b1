//! A person who is forgotten, as much at once as there may be.

use domain::{
    Fact,
    backup::{BackupState, CreateBackup, EraseBackups},
    directory::{AddEmail, DirectoryState, EmailAddress, EraseEmails, VerifyEmail},
    lookup::FoundEvent,
    room::{ChangeMembership, ERASED_IN_ROOM_MAX, ErasePerson, MembershipAction, REASON_BYTES_MAX, ROOM_VERSIONS},
    user::{
        AccountDeactivated,
        erasure::{EraseAccount, PAYLOADS_AT_ONCE_MAX, Part},
    },
};
use ruma::serde::Raw;
use serde_json::{json, value::to_raw_value};

use crate::{
    ink::Ink,
    room::{Room, pdus, room_message},
    sessions::{account, alice},
    world::{Twins, World},
};

/// What was kept of a person, and what they said in a room.
pub(crate) fn people(world: &mut World, ink: &Ink) {
    streams(world);
    for version in ROOM_VERSIONS {
        let mut room = Room::new(world, version);
        in_room(world, &mut room, ink);
        world.known.to_be_erased.clear();
    }
}

fn streams(world: &mut World) {
    let mut user = account();
    let erase = |part| EraseAccount { user_id: alice(), part, after: 0 };
    world.refuse(&user, erase(Part::Account), "M_FORBIDDEN");
    user.take(&Fact::AccountDeactivated(AccountDeactivated { by: None, erase: true, user_id: alice() }));
    world.pass(&user, erase(Part::Inbox));
    let most = PAYLOADS_AT_ONCE_MAX as u64;
    world.known.payloads = (u64::MAX - most..u64::MAX).collect();
    for part in [Part::Inbox, Part::Account] {
        let facts = world.accept(&mut user, erase(part));
        assert_eq!(facts[0].erases().len(), PAYLOADS_AT_ONCE_MAX);
    }
    let (mut directory, mut backups) = (Twins::<DirectoryState>::default(), Twins::<BackupState>::default());
    let (emails, keys) = (EraseEmails { user_id: alice(), after: 0 }, EraseBackups { user_id: alice(), after: 0 });
    world.refuse(&directory, emails.clone(), "M_FORBIDDEN");
    world.refuse(&backups, keys.clone(), "M_FORBIDDEN");
    world.known.to_be_erased.insert(alice());
    // What was under way when the account was closed comes too late.
    let email = EmailAddress::parse("alice@example.org").unwrap();
    world.refuse(&directory, AddEmail { user_id: alice(), email: email.clone() }, "M_FORBIDDEN");
    world.refuse(&directory, VerifyEmail { user_id: alice(), email }, "M_FORBIDDEN");
    let info = Raw::from_json(to_raw_value(&json!({ "algorithm": "m.x", "auth_data": {} })).unwrap());
    world.refuse(&backups, CreateBackup { user_id: alice(), info }, "M_FORBIDDEN");
    world.accept(&mut directory, emails);
    world.accept(&mut backups, keys);
    world.known.to_be_erased.clear();
    world.known.payloads.clear();
}

fn in_room(world: &mut World, room: &mut Room, ink: &Ink) {
    let sent = room.add(world, room_message(&room.id, ink, 2, "m.reaction"), 1).pdu.event_id.clone();
    let (room_id, sender) = (room.id.clone(), alice());
    let leave = ChangeMembership {
        room_id: room_id.clone(),
        sender: sender.clone(),
        target: sender,
        action: MembershipAction::Leave,
        reason: Some(ink.text(REASON_BYTES_MAX)),
    };
    let facts = world.accept(&mut room.state, leave);
    let left = pdus(&facts).next().unwrap().clone();
    let left_id = left.pdu.event_id.clone();
    let found = FoundEvent { position: u64::MAX, sender: alice(), added: Some(left) };
    world.known.events.insert(left_id.clone(), found);
    let erase = |event_ids| ErasePerson { room_id: room_id.clone(), user_id: alice(), event_ids };
    world.refuse(&room.state, erase(vec![sent.clone()]), "M_FORBIDDEN");
    world.known.to_be_erased.insert(alice());
    world.refuse(&room.state, erase(vec![sent.clone(); ERASED_IN_ROOM_MAX + 1]), "M_TOO_LARGE");
    let facts = world.accept(&mut room.state, erase(vec![left_id, sent]));
    assert!(matches!(&facts[..], [Fact::PduErased(_), Fact::PduExpired(_)]), "{facts:?}");
}
