//! Somebody who is erased: nothing that they said of themselves is in the data folder, in a new backup or in the export afterwards.
//!
//! Files are looked through as they lie on the disk. Those of the storages are packed in blocks (LZ4), which leaves what comes for the first
//! time in a block as it is, unless a few letters of it came before; so markers are made by dice and looked for in pieces. That this
//! finds what is there is shown first: before the erasure each marker has to be found.

use std::{
    collections::BTreeSet,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server};
use rand::{RngExt as _, distr::Alphanumeric};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// Letters of a marker, and of the pieces that are looked for.
const MARKER_LETTERS: usize = 48;
const PIECE_LETTERS: usize = 12;
/// Where a person leaves traces.
const PLACES: [&str; 16] = [
    "name",
    "name before",
    "field",
    "email",
    "avatar",
    "media",
    "file name",
    "device",
    "device before",
    "message",
    "reason",
    "data",
    "filter",
    "rule",
    "pusher",
    "backup of keys",
];

/// A marker for each place.
struct Markers(Vec<(&'static str, String)>);

impl Markers {
    fn new() -> Self {
        let letters = |_| char::from(rand::rng().sample(Alphanumeric)).to_ascii_lowercase();
        Self(PLACES.map(|place| (place, (0..MARKER_LETTERS).map(letters).collect())).into())
    }

    fn of(&self, place: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == place).map(|(_, marker)| marker.as_str()).expect("a place of the table")
    }

    /// The places whose markers, or pieces of them, are in these bytes.
    fn found_in(&self, bytes: &[u8]) -> impl Iterator<Item = &'static str> {
        let has = |piece: &[u8]| bytes.windows(piece.len()).any(|window| window == piece);
        self.0.iter().filter(move |(_, marker)| marker.as_bytes().chunks(PIECE_LETTERS).any(has)).map(|(place, _)| *place)
    }

    /// The same in all files of a folder, unpacked where they are packed by gzip, with the files.
    fn found_under(&self, folder: &Path) -> Result<BTreeSet<(&'static str, PathBuf)>> {
        let mut found = BTreeSet::new();
        for path in files(folder)? {
            found.extend(self.found_in(&content(&path)?).map(|place| (place, path.clone())));
            found.extend(self.found_in(path.as_os_str().as_encoded_bytes()).map(|place| (place, path.clone())));
        }
        Ok(found)
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else if path.is_file() {
            all.push(path);
        }
    }
    Ok(all)
}

fn content(path: &Path) -> Result<Vec<u8>> {
    let bytes = match fs::read(path) {
        // A server that runs takes files away.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        bytes => bytes?,
    };
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let unpacked = Command::new("gzip").arg("-dc").arg(path).output()?;
    ensure!(unpacked.status.success(), "{} does not unpack", path.display());
    Ok(unpacked.stdout)
}

fn places(found: &BTreeSet<(&'static str, PathBuf)>) -> BTreeSet<&'static str> {
    found.iter().map(|(place, _)| *place).collect()
}

/// Bob leaves a marker in every place. Carol leaves as much, and stays.
async fn live(server: &Server, person: &Person, room: &str, markers: &Markers) -> Result<()> {
    let (user, of) = (&person.user_id, |place| markers.of(place));
    for (field, value) in [
        ("displayname", json!(of("name before"))),
        ("displayname", json!(of("name"))),
        ("avatar_url", json!(format!("mxc://localhost/{}", of("avatar")))),
        ("org.example.about", json!({ "is": of("field") })),
    ] {
        person.demand(Method::PUT, &format!("v3/profile/{user}/{field}"), Some(json!({ field: value }))).await?;
    }
    for name in [of("device before"), of("device")] {
        let path = format!("v3/devices/{}", person.device_id);
        person.demand(Method::PUT, &path, Some(json!({ "display_name": name }))).await?;
    }
    person.demand(Method::POST, &format!("v3/join/{room}"), Some(json!({}))).await?;
    let path = format!("v3/rooms/{room}/send/m.room.encrypted/1");
    let body = json!({ "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": of("message"), "session_id": "s" });
    let sent = person.demand(Method::PUT, &path, Some(body)).await?;
    let event = sent["event_id"].as_str().context("an event id")?;
    let redaction = Some(json!({ "reason": of("reason") }));
    let other = person.send(room, "2").await?;
    person.demand(Method::PUT, &format!("v3/rooms/{room}/redact/{other}/3"), redaction).await?;
    person.demand(Method::POST, &format!("v3/rooms/{room}/receipt/m.read/{event}"), Some(json!({}))).await?;
    keep(person, markers).await?;
    let url = format!("{}/_matrix/media/v3/upload?filename={}", server.url, of("file name"));
    let uploaded = Client::new().post(url).bearer_auth(&person.token).body(of("media").to_owned()).send().await?;
    ensure!(uploaded.status() == 200);
    Ok(())
}

async fn keep(person: &Person, markers: &Markers) -> Result<()> {
    let (user, of) = (&person.user_id, |place| markers.of(place));
    let data = format!("v3/user/{user}/account_data/org.example.data");
    person.demand(Method::PUT, &data, Some(json!({ "is": of("data") }))).await?;
    person.demand(Method::POST, &format!("v3/user/{user}/filter"), Some(json!({ "event_fields": [of("filter")] }))).await?;
    let rule = json!({ "actions": ["notify"], "pattern": of("rule") });
    person.demand(Method::PUT, "v3/pushrules/global/content/word", Some(rule)).await?;
    let pusher = json!({
        "kind": "http", "app_id": "example", "pushkey": of("pusher"), "lang": "en", "app_display_name": "a",
        "device_display_name": "d", "data": { "url": "https://push.example.org/_matrix/push/v1/notify" },
    });
    person.demand(Method::POST, "v3/pushers/set", Some(pusher)).await?;
    let auth_data = json!({ "public_key": of("backup of keys"), "signatures": {} });
    let backup = json!({ "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": auth_data });
    person.demand(Method::POST, "v3/room_keys/version", Some(backup)).await?;
    Ok(())
}

/// Signs somebody up whose address is a marker.
async fn sign_up(server: &Server, name: &str, markers: &Markers) -> Result<Person> {
    let email = format!("{}@example.org", markers.of("email"));
    let body = json!({ "username": name, "password": blackbox::PASSWORD, "auth": { "type": "m.login.dummy" }, "org.hearth.email": email });
    let url = format!("{}/_matrix/client/v3/register", server.url);
    let signed_up: Value = Client::new().post(url).json(&body).send().await?.error_for_status()?.json().await?;
    ensure!(signed_up["access_token"].is_string(), "{signed_up}");
    Person::log_in(server, name).await
}

#[tokio::test]
async fn nothing_is_left_of_whoever_is_erased() -> Result<()> {
    let mut server = Server::start(&[])?;
    let (markers, others) = (Markers::new(), Markers::new());
    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(json!({ "preset": "public_chat" })).await?;
    let (bob, carol) = (sign_up(&server, "bob", &markers).await?, sign_up(&server, "carol", &others).await?);
    live(&server, &bob, &room, &markers).await?;
    live(&server, &carol, &room, &others).await?;
    let to_bob = json!({ "messages": { &bob.user_id: { "*": { "ciphertext": markers.of("message") } } } });
    alice.demand(Method::PUT, "v3/sendToDevice/m.room.encrypted/1", Some(to_bob)).await?;
    let place = tempfile::tempdir()?;
    let backups = place.path().join("backups");
    let back_up = |server: &Server, more: &[&str]| {
        let folder = backups.to_str().context("a path in UTF-8")?.to_owned();
        server.command(&[&["backup", folder.as_str(), "--json"], more].concat())
    };

    // All of it is there, and is found.
    let all: BTreeSet<&str> = PLACES.into();
    back_up(&server, &[])?;
    server.stop()?;
    ensure!(places(&markers.found_under(&server.data())?) == all, "{:?}", markers.found_under(&server.data())?);
    ensure!(places(&markers.found_under(&backups)?) == all, "{:?}", markers.found_under(&backups)?);
    server.restart()?;

    let receipt = place.path().join("receipt.json");
    let receipt = receipt.to_str().context("a path in UTF-8")?;
    ensure!(server.command(&["user", "receipt", "bob"]).is_err(), "nobody has asked for it");
    server.command(&["user", "deactivate", "bob", "--erase"])?;
    server.command(&["user", "receipt", "bob", "--output", receipt])?;
    // While the server runs, and when it has ended.
    for is_running in [true, false] {
        let found = markers.found_under(&server.data())?;
        ensure!(found.is_empty(), "running: {is_running}: {found:?}");
        let export = server.command(&["log", "export", "--with-credentials"])?;
        ensure!(markers.found_in(export.as_bytes()).next().is_none(), "in the export");
        server.stop()?;
    }
    let kept = places(&others.found_under(&server.data())?);
    ensure!(kept == all, "carol has lost {:?}", all.difference(&kept));
    server.command(&["log", "verify"])?;
    server.command(&["log", "replay", "--check"])?;
    let made: Value = serde_json::from_str(&back_up(&server, &["--keep", "1"])?)?;
    let found = markers.found_under(&backups)?;
    ensure!(found.is_empty(), "in the new backup {made}: {found:?}");
    ensure!(places(&others.found_under(&backups)?) == all, "carol is in the backup");
    verify_receipt(&server, receipt)?;
    server.restart()?;
    carol.reconnected().send(&room, "afterwards").await?;
    Ok(())
}

#[tokio::test]
async fn an_older_backup_does_not_bring_anybody_back() -> Result<()> {
    let mut server = Server::start(&[])?;
    let markers = Markers::new();
    let alice = Person::sign_up(&server, "alice").await?;
    let room = alice.create_room(json!({ "preset": "public_chat" })).await?;
    let bob = sign_up(&server, "bob", &markers).await?;
    live(&server, &bob, &room, &markers).await?;
    let place = tempfile::tempdir()?;
    let folder = place.path().join("backups").to_str().context("a path in UTF-8")?.to_owned();
    let made: Value = serde_json::from_str(&server.command(&["backup", &folder, "--json"])?)?;
    server.command(&["user", "deactivate", "bob", "--erase"])?;
    server.command(&["user", "receipt", "bob"])?;
    server.command(&["backup", &folder, "--json"])?;
    server.kill()?;
    fs::remove_dir_all(server.data())?;
    let older = made["backup"].as_str().context("its name")?;
    let restored: Value = serde_json::from_str(&server.command(&["restore", &folder, "--at", older, "--json"])?)?;
    ensure!(restored["erased_again"] == 1, "{restored}");
    ensure!(!markers.found_under(&server.data())?.is_empty(), "the backup is from before");
    server.restart()?;
    server.command(&["user", "receipt", "bob"])?;
    server.stop()?;
    let found = markers.found_under(&server.data())?;
    ensure!(found.is_empty(), "{found:?}");
    server.command(&["log", "verify"])?;
    server.command(&["log", "replay", "--check"])?;
    // The newest one says so itself.
    fs::remove_dir_all(server.data())?;
    let restored: Value = serde_json::from_str(&server.command(&["restore", &folder, "--json"])?)?;
    ensure!(restored["erased_again"] == 0, "{restored}");
    Ok(())
}

fn verify_receipt(server: &Server, receipt: &str) -> Result<()> {
    let stat = server.command(&["log", "stat"])?;
    let key = stat.lines().find_map(|line| line.strip_prefix("verifier key ")).context("the verifier key")?;
    let said = server.run(&["log", "verify-receipt", receipt, "--key", key])?;
    ensure!(said.contains("@bob:localhost"), "{said}");
    let text = fs::read_to_string(receipt)?;
    let parsed: Value = serde_json::from_str(&text)?;
    ensure!(parsed["receipt"]["payloads"].as_u64().is_some_and(|payloads| payloads > 15), "{text}");
    fs::write(receipt, text.replace("@bob:", "@eve:"))?;
    ensure!(server.run(&["log", "verify-receipt", receipt, "--key", key]).is_err(), "it was changed");
    fs::write(receipt, &text)?;
    let other = key.replace('+', "-");
    ensure!(server.run(&["log", "verify-receipt", receipt, "--key", &other]).is_err(), "another key");
    Ok(())
}
