//! As many keys, sessions of backups and recipients as there may be, and one more.

use std::collections::BTreeMap;

use domain::{
    Fact,
    backup::{BackupKeysStored, SESSION_BYTES_MAX, SESSIONS_MAX, STORED_BYTES_MAX, Sessions, Totals},
    user::{
        UserState,
        keys::{
            CLAIMED_DEVICES_MAX, ClaimKeys, FallbackKeysUploaded, KEY_ID_BYTES_MAX, KEYS_PER_UPLOAD_MAX,
            KEYS_TOTAL_BYTES_MAX, ONE_TIME_KEYS_MAX, OneTimeKeysUploaded, SIGNED_CURVE25519, UPLOAD_BYTES_MAX,
        },
        to_device::{CONTENT_BYTES_MAX, RECIPIENTS_MAX},
    },
};

use crate::{
    backup::{SESSION, room, store, with_backup},
    ink::Ink,
    keys::{Keys, logged_in, upload},
    sessions::{account, alice},
    signed::{Signer, curve25519, identified, json_bytes, one_time_key},
    to_device::send,
    world::{Twins, World},
};

/// Sessions in one request.
const SESSIONS_PER_REQUEST_MAX: usize = 20_000;
/// Bytes of the content for all recipients.
const TOTAL_BYTES_MAX: usize = 8 << 20;

/// One-time keys, in one upload and in all.
pub(crate) fn keys(world: &mut World, ink: &Ink) {
    let (device, signer) = ("PHONE", Signer::of_device("PHONE", 1));
    let start = || {
        let mut user = logged_in(device);
        user.take(&identified(ink, device, 1));
        user
    };
    let some = |count: usize| (0..count).map(|number| one_time_key(ink, &signer, number, None, None)).collect::<Keys>();
    let mut user = start();
    let most = some(KEYS_PER_UPLOAD_MAX);
    let one_more = one_time_key(ink, &signer, KEYS_PER_UPLOAD_MAX, None, None);
    let mut too_many = most.clone();
    too_many.extend([one_more.clone()]);
    world.refuse(&user, upload(device, None, too_many, Keys::new()), "M_INVALID_PARAM");
    assert_eq!(ONE_TIME_KEYS_MAX, KEYS_PER_UPLOAD_MAX);
    world.accept_once(&mut user, upload(device, None, most, Keys::new()));
    world.refuse(&user, upload(device, None, [one_more].into(), Keys::new()), "M_INVALID_PARAM");

    let key = |number, bytes| one_time_key(ink, &signer, number, Some(KEY_ID_BYTES_MAX), Some(bytes));
    let almost: Keys = (0..41).map(|number| key(number, 11_000)).collect();
    let long = |last: usize| almost.clone().into_iter().chain([key(41, last)]).collect::<Keys>();
    let last = 1_000 + UPLOAD_BYTES_MAX - json_bytes(&long(1_000));
    let mut user = start();
    world.refuse(&user, upload(device, None, long(last + 1), Keys::new()), "M_TOO_LARGE");
    world.accept_once(&mut user, upload(device, None, long(last), Keys::new()));
    all_devices(world, ink);
}

/// As many bytes of keys of all devices as there may be, and one more.
fn all_devices(world: &mut World, ink: &Ink) {
    let device = "PHONE";
    let mut user = logged_in(device);
    user.take(&identified(ink, device, 1));
    let large = |bytes: usize| Keys::from([("signed_curve25519:A".to_owned(), "x".repeat(bytes - 2).into())]);
    let of_another = |number: usize, bytes: usize| {
        let (device_id, user_id) = (format!("D{number}").into(), alice());
        Fact::OneTimeKeysUploaded(OneTimeKeysUploaded { device_id, keys: large(bytes), user_id })
    };
    let count = KEYS_TOTAL_BYTES_MAX / UPLOAD_BYTES_MAX - 1;
    (0..count).for_each(|number| user.take(&of_another(number, UPLOAD_BYTES_MAX)));
    let one_time = |bytes| {
        let key = one_time_key(ink, &Signer::of_device(device, 1), 7, None, Some(bytes));
        upload(device, None, [key].into(), Keys::new())
    };
    let (new, Fact::DeviceKeysUploaded(identity)) = (1_000, identified(ink, device, 1)) else { panic!("identity keys") };
    let kept = count * UPLOAD_BYTES_MAX + serde_json::to_vec(&identity.keys).unwrap().len();
    user.take(&of_another(count, KEYS_TOTAL_BYTES_MAX - kept - new));
    world.refuse(&user, one_time(new + 1), "M_TOO_LARGE");
    world.accept(&mut user, one_time(new));
}

/// A key of as many devices as one request can name, first of those that are given out once.
pub(crate) fn claims(world: &mut World, ink: &Ink) {
    let mut user: Twins<UserState> = account();
    let key_id = format!("{SIGNED_CURVE25519}:{}", ink.text(KEY_ID_BYTES_MAX - SIGNED_CURVE25519.len() - 1));
    let devices = |count: usize| (0..count).map(|number| ink.numbered(number));
    for (number, device_id) in devices(CLAIMED_DEVICES_MAX).enumerate() {
        let keys = |number: usize| Keys::from([(key_id.clone(), curve25519(number).into())]);
        let (user_id, device_id) = (alice(), device_id.as_str());
        let one_time = OneTimeKeysUploaded { device_id: device_id.into(), keys: keys(number), user_id: user_id.clone() };
        let fallback = FallbackKeysUploaded { device_id: device_id.into(), keys: keys(number + 1_000), user_id };
        user.take(&Fact::OneTimeKeysUploaded(one_time));
        user.take(&Fact::FallbackKeysUploaded(fallback));
    }
    let claim = |count| {
        let devices = devices(count).map(|device_id| (device_id.into(), SIGNED_CURVE25519.to_owned())).collect();
        ClaimKeys { owner: alice(), devices, fallback_only: [].into() }
    };
    world.refuse(&user, claim(CLAIMED_DEVICES_MAX + 1), "M_INVALID_PARAM");
    let claimed = |facts: &[Fact]| -> usize {
        let keys = facts.iter().map(|fact| match fact {
            Fact::OneTimeKeysClaimed(fact) => fact.keys.len(),
            Fact::FallbackKeysUsed(fact) => fact.keys.len(),
            _ => 0,
        });
        keys.sum()
    };
    assert_eq!(claimed(&world.accept_once(&mut user, claim(CLAIMED_DEVICES_MAX))), CLAIMED_DEVICES_MAX);
    assert_eq!(claimed(&world.accept_once(&mut user, claim(CLAIMED_DEVICES_MAX))), CLAIMED_DEVICES_MAX);
    assert_eq!(world.pass(&user, claim(CLAIMED_DEVICES_MAX)).len(), CLAIMED_DEVICES_MAX);
}

/// Sessions of a backup.
pub(crate) fn backups(world: &mut World, ink: &Ink) {
    let mut backup = with_backup(world, ink);
    let least = ink.raw_of(SESSION, SESSION.len() + 1);
    let short = |count: usize| {
        let sessions = (0..count).map(|number| (number.to_string(), least.clone())).collect();
        store(Sessions::from([(room(ink, 1), sessions)]))
    };
    world.refuse(&backup, short(SESSIONS_PER_REQUEST_MAX + 1), "M_TOO_LARGE");
    world.accept_once(&mut backup, short(SESSIONS_PER_REQUEST_MAX));

    // Little data under long names is what takes the most place in a record.
    let long = (0..2_000).map(|number| (ink.numbered(number), least.clone())).collect();
    assert!(world.accept_once(&mut backup, store(Sessions::from([(room(ink, 1), long)]))).len() > 1);

    let largest = ink.raw_of(SESSION, SESSION_BYTES_MAX);
    let large = |count: usize| {
        let sessions: BTreeMap<_, _> = (0..count).map(|number| (format!("large{number}"), largest.clone())).collect();
        store(Sessions::from([(room(ink, 2), sessions)]))
    };
    let most = STORED_BYTES_MAX / SESSION_BYTES_MAX;
    world.refuse(&backup, large(most), "M_TOO_LARGE");
    world.accept_once(&mut backup, large(most - 1));

    let totals = Totals { count: SESSIONS_MAX as u64 - 1, etag: 9 };
    let stored = BackupKeysStored { rooms: Sessions::new(), totals, user_id: alice(), version: 1 };
    backup.take(&Fact::BackupKeysStored(stored));
    let one = |name: &str| store(Sessions::from([(room(ink, 2), [(name.to_owned(), least.clone())].into())]));
    world.accept(&mut backup, one("the last"));
    world.refuse(&backup, one("one more"), "M_TOO_LARGE");
}

/// Devices that get a message.
pub(crate) fn recipients(world: &mut World, ink: &Ink) {
    let mut user = account();
    world.known.devices = (0..RECIPIENTS_MAX).map(|number| ink.numbered(number).into()).collect();
    let each = TOTAL_BYTES_MAX / RECIPIENTS_MAX;
    assert_eq!(world.accept_once(&mut user, send(ink, each, 255, 255)).len(), RECIPIENTS_MAX + 1);
    world.refuse(&user, send(ink, each + 1, 255, 2), "M_TOO_LARGE");
    world.known.devices.insert("ONE MORE".into());
    world.refuse(&user, send(ink, 2, 255, 2), "M_TOO_LARGE");

    let most = TOTAL_BYTES_MAX / CONTENT_BYTES_MAX;
    world.known.devices = (0..most).map(|number| ink.numbered(number).into()).collect();
    world.accept_once(&mut user, send(ink, CONTENT_BYTES_MAX, 255, 2));
    world.known.devices.insert("ONE MORE".into());
    world.refuse(&user, send(ink, CONTENT_BYTES_MAX, 255, 3), "M_TOO_LARGE");
}
