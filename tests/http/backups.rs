//! Backups of a server that runs, broken-off ones, restores, and backups that the server makes by itself.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server, until_nothing_is_missing};
use reqwest::Method;
use serde_json::{Value, json};

use crate::keys::Device;
use crate::monitoring::metrics_url;

/// How long a backup by the server itself may take to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Backups that are killed, each a little further on than the one before.
const KILLS: usize = 16;

struct Talk {
    server: Server,
    place: tempfile::TempDir,
    alice: Person,
    bob: Person,
    room: String,
}

impl Talk {
    async fn begin(settings: &[(&str, &str)]) -> Result<Self> {
        let server = Server::start(settings)?;
        let (alice, bob) = (Person::sign_up(&server, "alice").await?, Person::sign_up(&server, "bob").await?);
        let room = alice.create_room(json!({"preset": "trusted_private_chat", "invite": [bob.user_id]})).await?;
        bob.demand(Method::POST, &format!("v3/join/{room}"), Some(json!({}))).await?;
        Ok(Self { server, place: tempfile::tempdir()?, alice, bob, room })
    }

    fn folder(&self) -> Result<String> {
        Ok(self.place.path().join("backups").to_str().context("a path in UTF-8")?.to_owned())
    }

    async fn say(&self, number: usize) -> Result<String> {
        self.alice.send(&self.room, &format!("message{number}")).await
    }

    fn back_up(&self, more: &[&str]) -> Result<Value> {
        let folder = self.folder()?;
        let arguments = [&["backup", folder.as_str(), "--json"], more].concat();
        Ok(serde_json::from_str(&self.server.command(&arguments)?)?)
    }

    /// The server goes back to a backup: its folder is made anew, and it starts on it.
    fn restore(&mut self, more: &[&str]) -> Result<Value> {
        self.server.kill()?;
        fs::remove_dir_all(self.server.data())?;
        let folder = self.folder()?;
        let restored = self.server.command(&[&["restore", folder.as_str(), "--json"], more].concat())?;
        self.server.command(&["log", "verify"])?;
        self.server.command(&["log", "replay", "--check"])?;
        self.server.restart()?;
        (self.alice, self.bob) = (self.alice.reconnected(), self.bob.reconnected());
        Ok(serde_json::from_str(&restored)?)
    }

    async fn has(&self, event: &str) -> Result<bool> {
        Ok(self.bob.ask(Method::GET, &format!("v3/rooms/{}/event/{event}", self.room), None).await?.status == 200)
    }

    /// The lines of all records up to a position.
    fn records(&self, to: u64) -> Result<Vec<String>> {
        let lines = self.server.command(&["log", "export", "--with-credentials", "--to", &to.to_string()])?;
        let end = format!(",\"position\":{to},");
        let mut records: Vec<String> =
            lines.lines().filter(|line| line.starts_with("{\"header\"")).map(str::to_owned).collect();
        // Behind the range an export has the log's own records.
        let last = records.iter().position(|line| line.contains(&end)).context("the last record")?;
        records.truncate(last + 1);
        Ok(records)
    }
}

fn binary() -> Result<PathBuf> {
    Ok(env::var_os("HEARTH_BIN").context("set HEARTH_BIN to the server's binary")?.into())
}

#[tokio::test]
async fn a_server_goes_on_from_its_newest_backup() -> Result<()> {
    let mut talk = Talk::begin(&[]).await?;
    let device = Device::new(&talk.alice);
    let keys = json!({
        "device_keys": device.identity()?,
        "one_time_keys": {"signed_curve25519:A": device.one_time_key()?, "signed_curve25519:B": device.one_time_key()?},
        "fallback_keys": {"signed_curve25519:F": device.one_time_key()?},
    });
    talk.alice.demand(Method::POST, "v3/keys/upload", Some(keys.clone())).await?;
    let upload = format!("{}/_matrix/media/v3/upload", talk.server.url);
    let upload = reqwest::Client::new().post(upload).bearer_auth(&talk.alice.token).body("the bytes of a file");
    let uri = upload.send().await?.error_for_status()?.json::<Value>().await?["content_uri"].clone();
    let media = format!("v1/media/download/{}", uri.as_str().context("an address")?.trim_start_matches("mxc://"));
    let erased = talk.say(1).await?;
    let first = talk.back_up(&[])?;
    let path = format!("v3/rooms/{}/redact/{erased}/r", talk.room);
    talk.alice.demand(Method::PUT, &path, Some(json!({}))).await?;
    let kept = talk.say(2).await?;
    let second = talk.back_up(&[])?;
    ensure!(second["new_bytes"].as_u64() < first["new_bytes"].as_u64(), "{first} {second}");
    let position = second["position"].as_u64().context("a position")?;
    let before = talk.records(position)?;

    // What comes after the backup is lost. A key is given out among it.
    let lost = talk.say(3).await?;
    let claim = json!({"one_time_keys": {&talk.alice.user_id: {&talk.alice.device_id: "signed_curve25519"}}});
    let given_out = talk.bob.demand(Method::POST, "v3/keys/claim", Some(claim.clone())).await?;
    ensure!(given_out.to_string().contains("signed_curve25519:A"), "{given_out}");
    let restored = talk.restore(&[])?;
    ensure!(restored["backup"] == second["backup"] && restored["missing_media"] == 0, "{restored}");
    ensure!(talk.records(position)? == before, "the records are those that were backed up");
    ensure!(talk.has(&kept).await? && !talk.has(&lost).await?);
    let claimed = talk.bob.demand(Method::POST, "v3/keys/claim", Some(claim)).await?;
    ensure!(claimed.to_string().contains("signed_curve25519:F"), "{claimed}");
    let counts = talk.alice.demand(Method::POST, "v3/keys/upload", Some(keys)).await?;
    ensure!(counts["one_time_key_counts"]["signed_curve25519"] == 0, "the key came back: {counts}");
    ensure!(talk.alice.ask(Method::GET, &media, None).await?.status == 200, "the file is there");
    Person::log_in(&talk.server, "alice").await?;
    talk.say(4).await?;

    // An older one is there too, and the folder takes new ones.
    let third = talk.back_up(&[])?;
    talk.restore(&["--at", first["backup"].as_str().context("a name")?])?;
    ensure!(!talk.has(&kept).await?);
    talk.restore(&["--at", third["backup"].as_str().context("a name")?])?;
    ensure!(talk.has(&kept).await?);
    Ok(())
}

#[tokio::test]
async fn clients_that_know_more_get_what_is_new() -> Result<()> {
    let mut talk = Talk::begin(&[]).await?;
    talk.back_up(&[])?;
    for number in 0..30 {
        talk.say(number).await?;
    }
    let before = talk.bob.demand(Method::GET, "v3/sync", None).await?;
    let since = before["next_batch"].as_str().context("a token")?.to_owned();
    talk.restore(&[])?;
    let to_device = json!({"messages": {&talk.bob.user_id: {&talk.bob.device_id: {"key": "value"}}}});
    talk.alice.demand(Method::PUT, "v3/sendToDevice/m.room.encrypted/1", Some(to_device)).await?;
    let said = talk.say(100).await?;
    let news = talk.bob.demand(Method::GET, &format!("v3/sync?since={since}&timeout=0"), None).await?;
    let timeline = news["rooms"]["join"][&talk.room]["timeline"]["events"].as_array().context("the room has news")?;
    ensure!(timeline.len() == 1 && timeline[0]["event_id"] == said.as_str(), "{news}");
    ensure!(news["to_device"]["events"].as_array().is_some_and(|events| events.len() == 1), "{news}");
    // Its own next token is one like any other.
    let since = news["next_batch"].as_str().context("a token")?.to_owned();
    let said = talk.say(101).await?;
    let news = talk.bob.demand(Method::GET, &format!("v3/sync?since={since}&timeout=0"), None).await?;
    ensure!(news["rooms"]["join"][&talk.room]["timeline"]["events"][0]["event_id"] == said.as_str(), "{news}");
    Ok(())
}

fn count(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|entry| 1 + count(&entry.path())).sum()
}

#[tokio::test]
async fn a_backup_that_is_killed_is_none_and_harms_none() -> Result<()> {
    let mut talk = Talk::begin(&[]).await?;
    let upload = format!("{}/_matrix/media/v3/upload", talk.server.url);
    for number in 0..KILLS {
        let upload = reqwest::Client::new().post(&upload).bearer_auth(&talk.alice.token);
        upload.body(vec![u8::try_from(number)?; 100_000]).send().await?.error_for_status()?;
    }
    let folder = talk.folder()?;
    let mut whole = 0;
    for number in 0..KILLS {
        talk.say(number).await?;
        let before = count(Path::new(&folder));
        let mut backup = Command::new(binary()?);
        backup.args(["backup", &folder, "--data"]).arg(talk.server.data());
        let mut child = backup.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        // A moment is so many files on, wherever the backup is then.
        until_nothing_is_missing(PATIENCE, async || {
            let is_there = child.try_wait()?.is_some() || count(Path::new(&folder)) > before + number / 2;
            Ok((!is_there).then(|| "the moment has not come".to_owned()))
        })
        .await?;
        child.kill()?;
        whole += usize::from(child.wait()?.success());
        let backups = fs::read_dir(format!("{folder}/backups")).map(Iterator::count).unwrap_or_default();
        ensure!(backups >= whole, "{backups} backups, and {whole} were made");
    }
    let last = talk.say(KILLS).await?;
    talk.back_up(&["--keep", "1"])?;
    ensure!(fs::read_dir(format!("{folder}/aside"))?.next().is_none(), "nothing is left aside");
    talk.restore(&[])?;
    ensure!(talk.has(&last).await?);
    // Nor does a restore that is killed look like a server.
    talk.server.kill()?;
    fs::remove_dir_all(talk.server.data())?;
    let mut restore = Command::new(binary()?);
    restore.args(["restore", &folder, "--data"]).arg(talk.server.data());
    let mut child = restore.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let log = talk.server.data().join("restoring/log");
    until_nothing_is_missing(PATIENCE, async || {
        let is_there = child.try_wait()?.is_some() || log.is_dir();
        Ok((!is_there).then(|| "it has not begun".to_owned()))
    })
    .await?;
    child.kill()?;
    let was_faster = child.wait()?.success();
    ensure!(talk.server.data().join("log").exists() == was_faster);
    if !was_faster {
        talk.server.command(&["restore", &folder])?;
    }
    talk.server.restart()?;
    Ok(())
}

#[tokio::test]
async fn mistakes_are_said_in_words() -> Result<()> {
    let talk = Talk::begin(&[]).await?;
    let said = |result: Result<String>| result.err().map(|error| format!("{error:#}")).unwrap_or_default();
    let folder = talk.folder()?;
    let none = said(talk.server.command(&["restore", &folder]));
    ensure!(none.contains("there is no backup in"), "{none}");
    let recipient = said(talk.server.command(&["backup", &folder, "--recipient", "me"]));
    ensure!(recipient.contains("begins with `age1`"), "{recipient}");
    talk.back_up(&[])?;
    let full = said(talk.server.command(&["restore", &folder]));
    ensure!(full.contains("is not empty, and a restore never overwrites"), "{full}");
    let name = said(talk.server.command(&["restore", &folder, "--at", "yesterday"]));
    ensure!(name.contains("there is no backup yesterday; there are: 000001-"), "{name}");
    let told = talk.server.command(&["backup", &folder])?;
    ensure!(told.contains("not encrypted") && told.contains("0 new records"), "{told}");
    Ok(())
}

#[tokio::test]
async fn an_encrypted_backup_restores_with_its_identity() -> Result<()> {
    let mut talk = Talk::begin(&[]).await?;
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/backup/src/age/fixtures/identity.txt");
    let text = fs::read_to_string(&fixtures)?;
    let recipient = text.lines().find_map(|line| line.strip_prefix("# public key: ")).context("a recipient")?.to_owned();
    let event = talk.say(1).await?;
    talk.back_up(&["--recipient", &recipient])?;
    let folder = talk.folder()?;
    let sealed = talk.server.command(&["restore", &folder, "--rehearse", "--json"])?;
    ensure!(sealed.contains("\"is_sealed\":true"), "{sealed}");
    talk.restore(&["--identity", fixtures.to_str().context("a path in UTF-8")?])?;
    ensure!(talk.has(&event).await?);
    Ok(())
}

#[tokio::test]
async fn a_server_backs_itself_up_and_rehearses() -> Result<()> {
    let place = tempfile::tempdir()?;
    let folder = place.path().join("backups");
    let folder = folder.to_str().context("a path in UTF-8")?;
    let settings = [("HEARTH_BACKUP_FOLDER", folder), ("HEARTH_METRICS_LISTEN", "127.0.0.1:0")];
    let talk = Talk::begin(&settings).await?;
    until_nothing_is_missing(PATIENCE, async || {
        let said = talk.server.errors();
        let is_done = said.contains("a backup was made") && said.contains("is proved");
        Ok((!is_done).then_some(said))
    })
    .await?;
    let metrics = reqwest::get(metrics_url(&talk.server)?).await?.text().await?;
    for line in ["hearth_backup_failed 0", "hearth_backup_rehearsal_passed 1"] {
        ensure!(metrics.contains(line), "{line} in {metrics}");
    }
    for name in ["hearth_backup_last_success_seconds ", "hearth_backup_size_bytes ", "hearth_backup_duration_seconds "] {
        ensure!(metrics.contains(name), "{name} in {metrics}");
    }
    ensure!(!talk.server.data().join("rehearsal").exists(), "the scratch folder is gone");
    ensure!(fs::read_dir(format!("{folder}/backups"))?.count() == 1);
    Ok(())
}
