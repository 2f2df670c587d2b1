//! One dehydrated device at a time, with keys of its own.

use serde_json::json;

use super::{RemoveDehydratedDevice, SetDehydratedDevice};
use crate::{
    Fact,
    user::keys::{
        ClaimKeys,
        fixture::{Device, code, when},
    },
};

fn set(device: &Device, number: u16) -> SetDehydratedDevice {
    let data = json!({"algorithm": "org.matrix.msc3814.v2", "device_pickle": "abc", "nonce": "def"});
    SetDehydratedDevice {
        user_id: device.user_id.clone(),
        device_id: device.device_id.clone(),
        data: serde_json::from_value(data).unwrap(),
        identity: device.identity(),
        one_time: [device.one_time_key(number)].into(),
        fallback: [].into(),
    }
}

#[test]
fn a_new_one_takes_the_place_of_the_old_one() {
    let (first, second) = (Device::new("@alice:h", "DRY1", 3), Device::new("@alice:h", "DRY2", 4));
    let mut state = Device::alice().logged_in();
    assert_eq!(when(&mut state, set(&first, 1)).unwrap().1.len(), 3);
    let (_, facts) = when(&mut state, set(&second, 2)).unwrap();
    assert!(matches!(&facts[0], Fact::DehydratedDeviceRemoved(fact) if fact.device_id == "DRY1"));
    let claim = |device: &Device| {
        let devices = [(device.device_id.clone(), "signed_curve25519".to_owned())].into();
        ClaimKeys { owner: device.user_id.clone(), devices, fallback_only: [].into() }
    };
    assert!(when(&mut state, claim(&first)).unwrap().0.is_empty());
    assert_eq!(when(&mut state, claim(&second)).unwrap().0.len(), 1);
    let remove = RemoveDehydratedDevice { user_id: second.user_id.clone() };
    assert_eq!(when(&mut state, remove.clone()).unwrap().0, "DRY2");
    assert_eq!(code(&when(&mut state, remove).map(|_| ()).unwrap_err()), "M_NOT_FOUND");
}

#[test]
fn its_keys_are_checked_and_a_session_s_id_is_taken() {
    let mut state = Device::alice().logged_in();
    let rejection = when(&mut state, set(&Device::alice(), 1)).map(|_| ()).unwrap_err();
    assert_eq!(code(&rejection), "M_INVALID_PARAM");
    let device = Device::new("@alice:h", "DRY1", 3);
    let stolen = Device::new("@alice:h", "DRY1", 4);
    let command = SetDehydratedDevice { one_time: [stolen.one_time_key(1)].into(), ..set(&device, 1) };
    assert_eq!(code(&when(&mut state, command).map(|_| ()).unwrap_err()), "M_INVALID_SIGNATURE");
}
