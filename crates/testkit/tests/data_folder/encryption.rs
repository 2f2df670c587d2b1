//! Keys of devices and people, and backups of the keys of rooms.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::{
    backup::{CreateBackup, DeleteBackup, DeleteKeys, Scope, Sessions, StoreKeys, UpdateBackup},
    user::{
        cross_signing::{SignatureTarget, UploadCrossSigningKeys, UploadSignatures},
        dehydrated::{RemoveDehydratedDevice, SetDehydratedDevice},
        keys::{ClaimKeys, SIGNED_CURVE25519, UploadKeys},
    },
};
use ruma::{CanonicalJsonObject, OwnedRoomId, UserId, signatures::to_canonical_json_string_for_signing};
use serde_json::{Value, json};
use testkit::TestDevice;
use vodozemac::Ed25519SecretKey;

use crate::story::{Story, user};

/// A key that is no device's.
struct CrossKey {
    secret: Ed25519SecretKey,
    id: String,
    object: CanonicalJsonObject,
}

impl CrossKey {
    fn new(owner: &UserId, usage: &str, seed: u8) -> Result<Self> {
        let secret = Ed25519SecretKey::from_slice(&[seed; 32]);
        let public = secret.public_key().to_base64();
        let id = format!("ed25519:{public}");
        let object = json!({"keys": {id.as_str(): public}, "usage": [usage], "user_id": owner});
        Ok(Self { secret, id, object: serde_json::from_value(object)? })
    }

    /// The signature of this key on an object, in the place of all others.
    fn sign(&self, object: &CanonicalJsonObject, owner: &UserId) -> Result<CanonicalJsonObject> {
        let signature = self.secret.sign(to_canonical_json_string_for_signing(object)?.as_bytes()).to_base64();
        let mut signed = object.clone();
        let signatures = json!({owner.as_str(): {self.id.as_str(): signature}});
        signed.insert("signatures".to_owned(), serde_json::from_value(signatures)?);
        Ok(signed)
    }
}

/// Keys are published, signed and given out.
pub(crate) async fn keys(story: &Story) -> Result<()> {
    let alices = TestDevice::new(user("alice")?, "PHONE".into(), 1);
    for device in [&alices, &TestDevice::new(user("bob")?, "LAPTOP".into(), 2)] {
        let upload = UploadKeys {
            user_id: device.user_id.clone(),
            device_id: device.device_id.clone(),
            identity: Some(device.identity()?),
            one_time: [device.one_time_key(1)?, device.one_time_key(2)?].into(),
            fallback: [device.one_time_key(3)?].into(),
        };
        story.does(upload).await?;
    }
    // Two one-time keys and then the fallback key.
    for _ in 0..3 {
        let devices = BTreeMap::from([("PHONE".into(), SIGNED_CURVE25519.to_owned())]);
        story.does(ClaimKeys { owner: user("alice")?, devices, fallback_only: [].into() }).await?;
    }
    cross_signing(story, &alices).await?;
    for (name, seed) in [("DRY1", 11), ("DRY2", 12), ("DRY3", 13)] {
        let device = TestDevice::new(user("alice")?, name.into(), seed);
        let data = json!({"algorithm": "org.matrix.msc3814.v2", "device_pickle": "cGlja2xl", "nonce": "bm9uY2U"});
        let set = SetDehydratedDevice {
            user_id: user("alice")?,
            device_id: name.into(),
            data: serde_json::from_value(data)?,
            identity: device.identity()?,
            one_time: [device.one_time_key(1)?].into(),
            fallback: [].into(),
        };
        story.does(set).await?;
        if name == "DRY2" {
            story.does(RemoveDehydratedDevice { user_id: user("alice")? }).await?;
        }
    }
    Ok(())
}

async fn cross_signing(story: &Story, device: &TestDevice) -> Result<()> {
    let alice = user("alice")?;
    let master = CrossKey::new(&alice, "master", 21)?;
    let self_signing = CrossKey::new(&alice, "self_signing", 22)?;
    let user_signing = CrossKey::new(&alice, "user_signing", 23)?;
    let upload = UploadCrossSigningKeys {
        user_id: alice.clone(),
        self_signing: Some(master.sign(&self_signing.object, &alice)?),
        user_signing: Some(master.sign(&user_signing.object, &alice)?),
        master: Some(master.object),
        is_authenticated: false,
    };
    story.does(upload).await?;
    let signed = self_signing.sign(&device.identity()?, &alice)?;
    let target = device.device_id.to_string();
    let targets = vec![SignatureTarget { user_id: alice.clone(), target, signed }];
    let failures = story.does(UploadSignatures { user_id: alice, targets }).await?;
    anyhow::ensure!(failures.is_empty(), "a signature was refused: {failures:?}");
    Ok(())
}

/// Alice keeps keys of rooms on the server.
pub(crate) async fn backups(story: &Story) -> Result<()> {
    let user_id = user("alice")?;
    let info = |key: &str| -> Result<_> {
        let auth_data = json!({"public_key": key, "signatures": {}});
        let info = json!({"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": auth_data});
        Ok(serde_json::from_value(info)?)
    };
    for version in ["1", "2"] {
        story.does(CreateBackup { user_id: user_id.clone(), info: info("AAAA")? }).await?;
        let version = version.to_owned();
        story.does(UpdateBackup { user_id: user_id.clone(), version, info: info("BBBB")? }).await?;
    }
    story.does(DeleteBackup { user_id: user_id.clone(), version: "1".to_owned() }).await?;
    story.does(CreateBackup { user_id: user("carol")?, info: info("CCCC")? }).await?;
    let (one, other): (OwnedRoomId, OwnedRoomId) = ("!one:h".try_into()?, "!other:h".try_into()?);
    let sessions = |names: &[&str]| -> Result<_> {
        names.iter().map(|name| Ok(((*name).to_owned(), serde_json::from_value(session())?))).collect::<Result<_>>()
    };
    let rooms = Sessions::from([(one.clone(), sessions(&["s1", "s2", "s3"])?), (other.clone(), sessions(&["s4"])?)]);
    let version = "2".to_owned();
    let store = StoreKeys { user_id: user_id.clone(), version: version.clone(), rooms };
    story.does(store.clone()).await?;
    for scope in [Scope::Session(one.clone(), "s1".to_owned()), Scope::Room(other), Scope::All] {
        let delete = DeleteKeys { user_id: user_id.clone(), version: version.clone(), scope };
        story.does(delete).await?;
    }
    story.does(store).await?;
    Ok(())
}

fn session() -> Value {
    let session_data = json!({"ciphertext": "AAAA", "ephemeral": "AAAA", "mac": "AAAA"});
    json!({"first_message_index": 0, "forwarded_count": 0, "is_verified": true, "session_data": session_data})
}
