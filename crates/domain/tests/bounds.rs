//! Every kind of fact at each bound that the commands admit, and one step beyond. What is decided at a bound can be
//! recorded, is read back as it was, and leads to the same state. What is beyond is refused, and nothing is decided.
//!
//! Not the shape of payloads (`fact_format.rs`), and not how deep JSON may be nested when it comes in: the door checks that,
//! `crates/api/src/json.rs`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly, also in its helpers")]

#[path = "bounds/backup.rs"]
mod backup;
#[path = "bounds/creation.rs"]
mod creation;
#[path = "bounds/data.rs"]
mod data;
#[path = "bounds/directory.rs"]
mod directory;
#[path = "bounds/erasure.rs"]
mod erasure;
#[path = "bounds/expiry.rs"]
mod expiry;
#[path = "bounds/ink.rs"]
mod ink;
#[path = "bounds/invites.rs"]
mod invites;
#[path = "bounds/keys.rs"]
mod keys;
#[path = "bounds/known.rs"]
mod known;
#[path = "bounds/many_keys.rs"]
mod many_keys;
#[path = "bounds/many_rooms.rs"]
mod many_rooms;
#[path = "bounds/many_users.rs"]
mod many_users;
#[path = "bounds/media.rs"]
mod media;
#[path = "bounds/record.rs"]
mod record;
#[path = "bounds/room.rs"]
mod room;
#[path = "bounds/sessions.rs"]
mod sessions;
#[path = "bounds/signed.rs"]
mod signed;
#[path = "bounds/signing.rs"]
mod signing;
#[path = "bounds/to_device.rs"]
mod to_device;
#[path = "bounds/world.rs"]
mod world;

use std::collections::BTreeSet;

use domain::Fact;

use crate::{ink::Ink, world::World};

/// One part of the domain at its bounds, written in one ink.
type Area = fn(&mut World, &Ink);

/// Areas whose texts and JSON are written in every ink.
const AREAS: [Area; 19] = [
    backup::public_data,
    backup::sessions,
    creation::new_rooms,
    data::account_data,
    data::filters_and_pushers,
    data::profile,
    data::receipts,
    data::reports,
    data::tags_and_push_rules,
    directory::addresses,
    directory::names,
    erasure::people,
    expiry::moments,
    invites::admission,
    keys::device_keys,
    media::uploads,
    room::messages,
    sessions::devices,
    to_device::messages,
];

/// Areas that are large, and for which one ink will do.
const LARGE: [Area; 10] = [
    many_keys::backups,
    many_keys::claims,
    many_keys::keys,
    many_keys::recipients,
    many_rooms::expiries,
    many_rooms::new_rooms,
    many_rooms::upgrades,
    many_users::accounts,
    many_users::data,
    signing::people,
];

/// Kinds that no command makes, and what does.
const MADE_OTHERWISE: [(&str, &str); 1] =
    [("keys.epoch_started", "an import into a new log writes it, for everybody who has one-time keys in the export")];

/// Runs an area on a world of its own and says which kinds of fact it has reached.
fn reach(area: Area, ink: &Ink) -> BTreeSet<&'static str> {
    let mut world = World::new();
    area(&mut world, ink);
    world.reached()
}

#[test]
fn every_kind_of_fact_is_recorded_and_read_back_at_each_bound() {
    let areas = || AREAS.iter().flat_map(|area| ink::inks(|ink| reach(*area, ink))).flatten();
    let large = || LARGE.iter().flat_map(|area| reach(*area, &Ink::controls()));
    let reached: BTreeSet<&str> = std::thread::scope(|scope| {
        let areas = scope.spawn(|| areas().collect::<BTreeSet<_>>());
        let large: BTreeSet<_> = large().collect();
        areas.join().unwrap().union(&large).copied().collect()
    });
    let made_otherwise = MADE_OTHERWISE.map(|(kind, _)| kind).into();
    assert!(reached.is_disjoint(&made_otherwise), "a command makes what was said to be made otherwise");
    let kinds: BTreeSet<&str> = Fact::KINDS.iter().map(|kind| kind.name).collect();
    let missing: Vec<&&str> =
        kinds.iter().filter(|kind| !reached.contains(**kind) && !made_otherwise.contains(**kind)).collect();
    assert!(missing.is_empty(), "no command reached {missing:?}");
}
