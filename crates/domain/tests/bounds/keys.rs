//! Keys of devices, with a session and without.

use std::collections::BTreeMap;

use domain::{
    Fact,
    user::{
        SessionOpened, UserState,
        dehydrated::{RemoveDehydratedDevice, SetDehydratedDevice},
        keys::{ClaimKeys, FALLBACK_KEYS_MAX, KEY_BYTES_MAX, KEY_ID_BYTES_MAX, UploadKeys},
    },
};
use ruma::{CanonicalJsonObject, CanonicalJsonValue};

use crate::{
    ink::Ink,
    sessions::{account, alice},
    signed::{Signer, identity, one_time_key},
    world::{Twins, World},
};

/// Public keys of a device.
const IDENTITY_KEYS_MAX: usize = 16;
/// Bytes of a dehydrated device.
const DATA_BYTES_MAX: usize = 256 << 10;
/// What a dehydrated device has.
const DATA: &str = r#""algorithm":"org.matrix.msc3814.v2","device_pickle":"","nonce":"","#;

/// Keys by id.
pub(crate) type Keys = BTreeMap<String, CanonicalJsonValue>;

/// The state of an account with a session on a device.
pub(crate) fn logged_in(device_id: &str) -> Twins<UserState> {
    let mut user = account();
    let opened = SessionOpened { device_id: device_id.into(), display_name: None, user_id: alice() };
    user.take(&Fact::SessionOpened(opened));
    user
}

pub(crate) fn upload(device_id: &str, identity: Option<CanonicalJsonObject>, one_time: Keys, fallback: Keys) -> UploadKeys {
    UploadKeys { user_id: alice(), device_id: device_id.into(), identity, one_time, fallback }
}

/// Everything that a device publishes.
pub(crate) fn device_keys(world: &mut World, ink: &Ink) {
    let device = ink.text(255);
    let signer = Signer::of_device(&device, 1);
    let mut user = logged_in(&device);
    let identified = |keys, bytes| upload(&device, Some(identity(ink, &device, 1, keys, bytes)), Keys::new(), Keys::new());
    world.accept(&mut user, identified(2, None));
    world.accept(&mut user, identified(IDENTITY_KEYS_MAX, Some(KEY_BYTES_MAX)));
    world.refuse(&user, identified(IDENTITY_KEYS_MAX + 1, None), "M_INVALID_PARAM");
    world.refuse(&user, identified(2, Some(KEY_BYTES_MAX + 1)), "M_TOO_LARGE");

    let key = |number, id, bytes| one_time_key(ink, &signer, number, id, bytes);
    let one_time = |key| upload(&device, None, Keys::from([key]), Keys::new());
    for accepted in [
        key(1, None, None),
        key(2, Some(KEY_ID_BYTES_MAX), Some(4_000)),
        key(3, Some(KEY_ID_BYTES_MAX), Some(KEY_BYTES_MAX)),
    ] {
        world.accept(&mut user, one_time(accepted));
    }
    world.refuse(&user, one_time(key(4, Some(KEY_ID_BYTES_MAX + 1), None)), "M_INVALID_PARAM");
    world.refuse(&user, one_time(key(4, None, Some(KEY_BYTES_MAX + 1))), "M_TOO_LARGE");
    let fallback = |keys: usize, bytes| {
        let keys = (10..10 + keys).map(|number| key(number, Some(KEY_ID_BYTES_MAX), bytes));
        upload(&device, None, Keys::new(), keys.collect())
    };
    world.accept(&mut user, fallback(FALLBACK_KEYS_MAX, Some(KEY_BYTES_MAX)));
    world.refuse(&user, fallback(FALLBACK_KEYS_MAX + 1, None), "M_INVALID_PARAM");
    world.refuse(&user, fallback(1, Some(KEY_BYTES_MAX + 1)), "M_TOO_LARGE");
    let claim = ClaimKeys {
        owner: alice(),
        devices: [(device.into(), "signed_curve25519".to_owned())].into(),
        fallback_only: [].into(),
    };
    (0..4).for_each(|_| drop(world.accept(&mut user, claim.clone())));
    world.pass(&user, claim);
    dehydrated(world, &mut user, ink);
}

fn dehydrated(world: &mut World, user: &mut Twins<UserState>, ink: &Ink) {
    let set = |id: usize, bytes: usize| {
        let device_id = ink.text(id);
        let signer = Signer::of_device(&device_id, 2);
        SetDehydratedDevice {
            user_id: alice(),
            device_id: device_id.as_str().into(),
            data: ink.raw_of(DATA, bytes),
            identity: identity(ink, &device_id, 2, IDENTITY_KEYS_MAX, Some(KEY_BYTES_MAX)),
            one_time: [one_time_key(ink, &signer, 20 + id, None, Some(KEY_BYTES_MAX))].into(),
            fallback: [one_time_key(ink, &signer, 21 + id, None, Some(KEY_BYTES_MAX))].into(),
        }
    };
    world.accept(user, set(1, DATA.len() + 1));
    assert_eq!(world.accept(user, set(254, DATA_BYTES_MAX)).len(), 5);
    world.refuse(user, set(254, DATA_BYTES_MAX + 1), "M_TOO_LARGE");
    world.refuse(user, set(0, 100), "M_INVALID_PARAM");
    world.refuse(user, set(256, 100), "M_INVALID_PARAM");
    world.refuse(user, SetDehydratedDevice { data: ink.raw_of("", 2), ..set(1, 100) }, "M_BAD_JSON");
    let remove = RemoveDehydratedDevice { user_id: alice() };
    world.accept(user, remove.clone());
    world.refuse(user, remove, "M_NOT_FOUND");
}
