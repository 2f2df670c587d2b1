//! Keys over HTTP: a device's keys are checked, given out once, and signed by cross-signing keys; backups count and compare.

use anyhow::{Context, Result, ensure};
use blackbox::{PASSWORD, Person, Server};
use reqwest::Method;
use ruma::{CanonicalJsonObject, signatures::to_canonical_json_string_for_signing};
use serde_json::{Value, json};
use vodozemac::{Curve25519PublicKey, Curve25519SecretKey, Ed25519SecretKey};

/// A device with its secret key.
pub(crate) struct Device<'a> {
    person: &'a Person,
    pub(crate) secret: Ed25519SecretKey,
}

impl<'a> Device<'a> {
    pub(crate) fn new(person: &'a Person) -> Self {
        Self { person, secret: Ed25519SecretKey::new() }
    }

    fn sign(&self, object: Value) -> Result<Value> {
        signed(object, &self.person.user_id, &format!("ed25519:{}", self.person.device_id), &self.secret)
    }

    pub(crate) fn identity(&self) -> Result<Value> {
        let Person { user_id, device_id, .. } = self.person;
        self.sign(json!({
            "user_id": user_id,
            "device_id": device_id,
            "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
            "keys": {
                format!("ed25519:{device_id}"): self.secret.public_key().to_base64(),
                format!("curve25519:{device_id}"): curve25519(),
            },
        }))
    }

    pub(crate) fn one_time_key(&self) -> Result<Value> {
        self.sign(json!({"key": curve25519()}))
    }
}

pub(crate) fn curve25519() -> String {
    Curve25519PublicKey::from(&Curve25519SecretKey::new()).to_base64()
}

pub(crate) fn signed(mut object: Value, user_id: &str, key_id: &str, secret: &Ed25519SecretKey) -> Result<Value> {
    let canonical: CanonicalJsonObject = serde_json::from_value(object.clone())?;
    let signature = secret.sign(to_canonical_json_string_for_signing(&canonical)?.as_bytes()).to_base64();
    object["signatures"][user_id][key_id] = json!(signature);
    Ok(object)
}

#[tokio::test]
async fn each_one_time_key_is_given_out_once_and_then_the_fallback_key() -> Result<()> {
    let mut server = Server::start(&[])?;
    let (mut alice, mut bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
    let device = Device::new(&alice);
    let body = json!({
        "device_keys": device.identity()?,
        "one_time_keys": {"signed_curve25519:A": device.one_time_key()?, "signed_curve25519:B": device.one_time_key()?},
        "fallback_keys": {"signed_curve25519:F": device.one_time_key()?},
    });
    for _ in 0..2 {
        let counts = alice.demand(Method::POST, "v3/keys/upload", Some(body.clone())).await?;
        ensure!(counts["one_time_key_counts"]["signed_curve25519"] == 2, "{counts}");
    }
    let query = bob.demand(Method::POST, "v3/keys/query", Some(json!({"device_keys": {&alice.user_id: []}}))).await?;
    let keys = &query["device_keys"][&alice.user_id][&alice.device_id];
    ensure!(
        keys["keys"] == body["device_keys"]["keys"] && keys["signatures"] == body["device_keys"]["signatures"],
        "{query}"
    );

    let claim = json!({"one_time_keys": {&alice.user_id: {&alice.device_id: "signed_curve25519"}}});
    for expected in ["A", "B", "F", "F"] {
        let claimed = bob.demand(Method::POST, "v3/keys/claim", Some(claim.clone())).await?;
        let keys = claimed["one_time_keys"][&alice.user_id][&alice.device_id].as_object().context("a key")?;
        ensure!(keys.keys().eq([&format!("signed_curve25519:{expected}")]), "{expected}: {claimed}");
        // Also over a crash.
        server.restart()?;
        bob = bob.reconnected();
    }
    alice = alice.reconnected();
    let sync = alice.demand(Method::GET, "v3/sync?timeout=0", None).await?;
    ensure!(sync["device_one_time_keys_count"]["signed_curve25519"] == 0, "{sync}");
    ensure!(sync["device_unused_fallback_key_types"] == json!([]), "{sync}");
    Ok(())
}

#[tokio::test]
async fn keys_with_wrong_signatures_are_refused_and_nothing_is_written() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let (device, thief) = (Device::new(&alice), Device::new(&alice));
    let mut changed = device.identity()?;
    changed["algorithms"] = json!(["m.olm.v1.curve25519-aes-sha2"]);
    let mut other_user = device.identity()?;
    other_user["user_id"] = json!("@bob:localhost");
    let (master, other) = (Ed25519SecretKey::new(), Ed25519SecretKey::new());
    let (master_key, self_signing) = cross_signing(&alice, &master, &other)?;
    let identity = device.identity()?;
    let one_time = |key: Value| json!({"device_keys": identity, "one_time_keys": {"signed_curve25519:A": key}});
    let cases = [
        ("v3/keys/upload", json!({"device_keys": changed}), "M_INVALID_SIGNATURE"),
        ("v3/keys/upload", json!({"device_keys": other_user}), "M_INVALID_PARAM"),
        ("v3/keys/upload", one_time(thief.one_time_key()?), "M_INVALID_SIGNATURE"),
        ("v3/keys/upload", one_time(json!({"key": curve25519()})), "M_BAD_JSON M_INVALID_SIGNATURE"),
        ("v3/keys/upload", json!({"one_time_keys": {"signed_curve25519:A": device.one_time_key()?}}), "M_INVALID_PARAM"),
        ("v3/keys/device_signing/upload", json!({"self_signing_key": self_signing}), "M_MISSING_PARAM"),
        (
            "v3/keys/device_signing/upload",
            json!({"master_key": master_key, "self_signing_key": signed(self_signing_of(&alice), &alice.user_id, "ed25519:x", &other)?}),
            "M_INVALID_PARAM M_INVALID_SIGNATURE",
        ),
    ];
    let before = server.records()?;
    for (path, body, expected) in cases {
        let answer = alice.ask(Method::POST, path, Some(body)).await?;
        let code = answer.code().unwrap_or_default();
        ensure!(answer.status == 400 && expected.split(' ').any(|e| e == code), "{path}: {answer:?}, not {expected}");
    }
    ensure!(server.records()? == before, "something was written");
    Ok(())
}

fn self_signing_of(alice: &Person) -> Value {
    let public = Ed25519SecretKey::new().public_key().to_base64();
    json!({"user_id": alice.user_id, "usage": ["self_signing"], "keys": {format!("ed25519:{public}"): public}})
}

/// A master key, and a self-signing key that it has signed.
fn cross_signing(alice: &Person, master: &Ed25519SecretKey, self_signing: &Ed25519SecretKey) -> Result<(Value, Value)> {
    let key = |usage: &str, public: &str| json!({"user_id": alice.user_id, "usage": [usage], "keys": {format!("ed25519:{public}"): public}});
    let public = master.public_key().to_base64();
    let subkey = key("self_signing", &self_signing.public_key().to_base64());
    let subkey = signed(subkey, &alice.user_id, &format!("ed25519:{public}"), master)?;
    Ok((key("master", &public), subkey))
}

#[tokio::test]
async fn the_first_cross_signing_keys_go_without_a_password_and_the_next_do_not() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let device = Device::new(&alice);
    let identity = device.identity()?;
    alice.demand(Method::POST, "v3/keys/upload", Some(json!({"device_keys": identity}))).await?;

    let (master, self_signing) = (Ed25519SecretKey::new(), Ed25519SecretKey::new());
    let (master_key, subkey) = cross_signing(&alice, &master, &self_signing)?;
    let body = json!({"master_key": master_key, "self_signing_key": subkey});
    for _ in 0..2 {
        alice.demand(Method::POST, "v3/keys/device_signing/upload", Some(body.clone())).await?;
    }
    let (other_master, other_subkey) = cross_signing(&alice, &Ed25519SecretKey::new(), &Ed25519SecretKey::new())?;
    let mut other = json!({"master_key": other_master, "self_signing_key": other_subkey});
    let refused = alice.ask(Method::POST, "v3/keys/device_signing/upload", Some(other.clone())).await?;
    ensure!(refused.status == 401 && refused.json["flows"].is_array(), "{refused:?}");

    // The device is signed by the self-signing key, and everybody sees it.
    let key_id = format!("ed25519:{}", self_signing.public_key().to_base64());
    let cross_signed = signed(identity, &alice.user_id, &key_id, &self_signing)?;
    let body = json!({&alice.user_id: {&alice.device_id: cross_signed, "UNKNOWN": cross_signed}});
    let failures = alice.demand(Method::POST, "v3/keys/signatures/upload", Some(body)).await?;
    ensure!(failures["failures"][&alice.user_id]["UNKNOWN"]["errcode"] == "M_NOT_FOUND", "{failures}");
    let query = alice.demand(Method::POST, "v3/keys/query", Some(json!({"device_keys": {&alice.user_id: []}}))).await?;
    let signatures = &query["device_keys"][&alice.user_id][&alice.device_id]["signatures"][&alice.user_id];
    ensure!(signatures[&key_id].is_string(), "{query}");

    other["auth"] = json!({
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": alice.user_id},
        "password": PASSWORD,
        "session": refused.json["session"],
    });
    alice.demand(Method::POST, "v3/keys/device_signing/upload", Some(other)).await?;
    Ok(())
}

#[tokio::test]
async fn a_backup_keeps_the_better_copy_and_tells_its_totals() -> Result<()> {
    let server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let ask = async |method: Method, path: &str, body: Option<Value>| {
        let answer = alice.ask(method, path, body).await?;
        anyhow::Ok((answer.status, answer.json))
    };
    ensure!(ask(Method::GET, "v3/room_keys/version", None).await?.0 == 404);
    let info = json!({"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": {"public_key": "AAAA", "signatures": {}}});
    let created = alice.demand(Method::POST, "v3/room_keys/version", Some(info.clone())).await?;
    ensure!(created["version"] == "1", "{created}");
    let session = |index: u32| {
        json!({
            "first_message_index": index, "forwarded_count": 0, "is_verified": true,
            "session_data": {"ephemeral": "AAAA", "ciphertext": "AAAA", "mac": "AAAA"},
        })
    };
    let path = "v3/room_keys/keys/!room:localhost/session?version=1";
    for (index, expected) in [(5, "1"), (6, "1"), (4, "2")] {
        let stored = alice.demand(Method::PUT, path, Some(session(index))).await?;
        ensure!(stored["etag"] == expected && stored["count"] == 1, "{stored}");
    }
    let read = alice.demand(Method::GET, path, None).await?;
    ensure!(read["first_message_index"] == 4, "{read}");
    let all = alice.demand(Method::GET, "v3/room_keys/keys?version=1", None).await?;
    ensure!(all["rooms"]["!room:localhost"]["sessions"]["session"] == read, "{all}");
    let latest = alice.demand(Method::GET, "v3/room_keys/version", None).await?;
    ensure!(latest["count"] == 1 && latest["etag"] == "2" && latest["auth_data"] == info["auth_data"], "{latest}");

    alice.demand(Method::POST, "v3/room_keys/version", Some(info)).await?;
    let (status, wrong) = ask(Method::PUT, path, Some(session(0))).await?;
    ensure!(status == 403 && wrong["errcode"] == "M_WRONG_ROOM_KEYS_VERSION" && wrong["current_version"] == "2", "{wrong}");
    let deleted = alice.demand(Method::DELETE, "v3/room_keys/keys?version=1", None).await?;
    ensure!(deleted["count"] == 0, "{deleted}");
    alice.demand(Method::DELETE, "v3/room_keys/version/1", None).await?;
    ensure!(ask(Method::GET, "v3/room_keys/version/1", None).await?.0 == 404);
    Ok(())
}

#[tokio::test]
async fn after_an_import_no_one_time_key_is_given_out_that_may_have_been_before() -> Result<()> {
    let mut server = Server::start(&[])?;
    let (alice, bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
    let device = Device::new(&alice);
    let body = json!({
        "device_keys": device.identity()?,
        "one_time_keys": {"signed_curve25519:A": device.one_time_key()?},
        "fallback_keys": {"signed_curve25519:F": device.one_time_key()?},
    });
    alice.demand(Method::POST, "v3/keys/upload", Some(body.clone())).await?;
    let export = server.data().with_extension("jsonl");
    std::fs::write(&export, server.command(&["log", "export", "--with-credentials"])?)?;
    let claim = json!({"one_time_keys": {&alice.user_id: {&alice.device_id: "signed_curve25519"}}});
    let given_out = bob.demand(Method::POST, "v3/keys/claim", Some(claim.clone())).await?;
    ensure!(given_out.to_string().contains("signed_curve25519:A"), "{given_out}");

    // The server goes back to before the claim.
    server.kill()?;
    std::fs::remove_dir_all(server.data().join("log"))?;
    std::fs::remove_dir_all(server.data().join("views"))?;
    server.command(&["log", "import", export.to_str().context("a path in UTF-8")?])?;
    server.command(&["log", "verify"])?;
    server.restart()?;
    let (alice, bob) = (alice.reconnected(), bob.reconnected());
    let claimed = bob.demand(Method::POST, "v3/keys/claim", Some(claim)).await?;
    ensure!(claimed.to_string().contains("signed_curve25519:F"), "{claimed}");
    let counts = alice.demand(Method::POST, "v3/keys/upload", Some(body)).await?;
    ensure!(counts["one_time_key_counts"]["signed_curve25519"] == 0, "the key came back: {counts}");
    Ok(())
}
