//! Backups in a bucket: made, added to, taken away, restored, broken off, made by the server itself; and what goes wrong there, in words.

mod s3;

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server, until_nothing_is_missing};
use reqwest::Method;
use serde_json::{Value, json};

use crate::monitoring::metrics_url;
use s3::S3;

/// How long a backup by the server itself may take to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of a file that is sent in parts.
const LARGE_BYTES: usize = 9 << 20;
/// Backups that are killed, each a little further on than the one before.
const KILLS: usize = 6;

struct Household {
    s3: S3,
    server: Server,
    alice: Person,
    room: String,
}

impl Household {
    async fn begin(settings: &[(&str, &str)]) -> Result<Self> {
        let s3 = S3::start().await?;
        let server = Server::start(settings)?;
        let alice = Person::sign_up(&server, "alice").await?;
        let room = alice.create_room(json!({})).await?;
        Ok(Self { s3, server, alice, room })
    }

    fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(env::var_os("HEARTH_BIN").context("set HEARTH_BIN to the server's binary")?);
        command.args(arguments).arg("--data").arg(self.server.data()).envs(self.s3.settings());
        Ok(command)
    }

    /// What a command says, and whether it has done what it was told.
    fn run(&self, arguments: &[&str]) -> Result<(bool, String)> {
        let output = self.command(arguments)?.output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        Ok((output.status.success(), said))
    }

    fn done(&self, arguments: &[&str]) -> Result<Value> {
        let (is_done, said) = self.run(&[arguments, &["--json"]].concat())?;
        ensure!(is_done, "{arguments:?}: {said}");
        Ok(serde_json::from_str(&said)?)
    }

    /// What it says when it cannot.
    fn refused(&self, arguments: &[&str]) -> Result<String> {
        let (is_done, said) = self.run(arguments)?;
        ensure!(!is_done, "{arguments:?} was done: {said}");
        Ok(said)
    }

    async fn upload(&self, bytes: Vec<u8>) -> Result<String> {
        let upload = format!("{}/_matrix/media/v3/upload", self.server.url);
        let upload = reqwest::Client::new().post(upload).bearer_auth(&self.alice.token).body(bytes);
        let uri = upload.send().await?.error_for_status()?.json::<Value>().await?["content_uri"].clone();
        let id = uri.as_str().context("an address")?.trim_start_matches("mxc://").to_owned();
        Ok(format!("{}/_matrix/client/v1/media/download/{id}", self.server.url))
    }

    /// The server goes back to a backup: its folder is made anew, and it starts on it.
    fn restore(&mut self, address: &str, more: &[&str]) -> Result<Value> {
        self.server.kill()?;
        fs::remove_dir_all(self.server.data())?;
        let restored = self.done(&[&["restore", address], more].concat())?;
        self.server.command(&["log", "verify"])?;
        self.server.restart()?;
        self.alice = self.alice.reconnected();
        Ok(restored)
    }

    async fn has(&self, event: &str) -> Result<bool> {
        Ok(self.alice.ask(Method::GET, &format!("v3/rooms/{}/event/{event}", self.room), None).await?.status == 200)
    }
}

#[tokio::test]
async fn a_server_goes_on_from_a_bucket() -> Result<()> {
    let mut household = Household::begin(&[]).await?;
    let address = S3::address("hearth/one");
    let file: Vec<u8> = (0..LARGE_BYTES).map(|at| u8::try_from(at % 251)).collect::<Result<_, _>>()?;
    let media = household.upload(file.clone()).await?;
    let early = household.alice.send(&household.room, "early").await?;
    let first = household.done(&["backup", &address])?;
    ensure!(first["new_bytes"].as_u64() > Some(LARGE_BYTES as u64), "{first}");
    let late = household.alice.send(&household.room, "late").await?;
    let second = household.done(&["backup", &address])?;
    ensure!(second["new_bytes"].as_u64() < Some(100_000), "only what is new is sent: {second}");
    let lost = household.alice.send(&household.room, "lost").await?;

    let restored = household.restore(&address, &[])?;
    ensure!(restored["backup"] == second["backup"] && restored["missing_media"] == 0, "{restored}");
    ensure!(household.has(&early).await? && household.has(&late).await? && !household.has(&lost).await?);
    let media =
        media.split_once("/_matrix").map(|(_, path)| format!("{}/_matrix{path}", household.server.url)).context("a path")?;
    let there = reqwest::Client::new().get(media).bearer_auth(&household.alice.token).send().await?.error_for_status()?;
    ensure!(there.bytes().await? == file, "the file is the same");
    household.restore(&address, &["--at", first["backup"].as_str().context("a name")?])?;
    ensure!(household.has(&early).await? && !household.has(&late).await?);

    // What nobody needs any more goes; what is not of backups stays.
    household.s3.put("hearth/one/media/a-picture-of-mine.jpg", "mine").await?;
    household.s3.put("hearth/other.txt", "of somebody else").await?;
    household.done(&["backup", &address, "--whole", "--keep", "1"])?;
    let names = household.s3.names("hearth/").await?;
    let manifests = names.iter().filter(|name| name.ends_with(".json")).count();
    let segments = names.iter().filter(|name| name.starts_with("hearth/one/segments/")).count();
    ensure!((manifests, segments) == (1, 1), "{names:?}");
    for kept in ["hearth/other.txt", "hearth/one/media/a-picture-of-mine.jpg"] {
        ensure!(names.iter().any(|name| name == kept), "{names:?}");
    }
    household.restore(&address, &[])?;
    ensure!(household.has(&early).await?);
    Ok(())
}

#[tokio::test]
async fn a_backup_into_a_bucket_that_is_killed_is_none_and_harms_none() -> Result<()> {
    let mut household = Household::begin(&[]).await?;
    let address = S3::address("killed");
    let mut whole = 0;
    for number in 0..KILLS {
        household.upload(vec![u8::try_from(number)?; 100_000]).await?;
        household.alice.send(&household.room, &format!("message{number}")).await?;
        let before = household.s3.names("killed/").await?.len();
        let mut backup = household.command(&["backup", &address])?;
        let mut child = backup.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        // A moment is so many files on, wherever the backup is then.
        until_nothing_is_missing(PATIENCE, async || {
            let is_there = child.try_wait()?.is_some() || household.s3.names("killed/").await?.len() > before + number / 2;
            Ok((!is_there).then(|| "the moment has not come".to_owned()))
        })
        .await?;
        child.kill()?;
        whole += usize::from(child.wait()?.success());
        let backups = household.s3.names("killed/backups/").await?.iter().filter(|name| name.ends_with(".json")).count();
        ensure!(backups >= whole, "{backups} backups, and {whole} were made");
    }
    let last = household.alice.send(&household.room, "last").await?;
    household.done(&["backup", &address, "--keep", "1"])?;
    ensure!(fs::read_dir(household.server.data().join("backup/aside"))?.next().is_none(), "nothing is left aside");
    household.restore(&address, &[])?;
    ensure!(household.has(&last).await?);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_bucket_is_said_in_words() -> Result<()> {
    let household = Household::begin(&[]).await?;
    let said = |arguments: &[&str], words: &str| -> Result<()> {
        let said = household.refused(arguments)?;
        ensure!(said.contains(words), "{arguments:?} says {said}, not {words}");
        ensure!(!said.contains("a word that nobody else knows"), "{said}");
        Ok(())
    };
    let here = S3::address("wrong");
    said(&["restore", &here, "--rehearse"], "there is no backup in s3://household/wrong")?;
    said(&["backup", "s3://household/../other"], "is no bucket; expected one such as s3://my-bucket/hearth")?;
    said(&["backup", "s3://nowhere/hearth"], "there is no such bucket on this server")?;
    household.s3.put("wrong/a-letter.txt", "mine").await?;
    said(&["backup", &here], "s3://household/wrong holds something else than backups")?;

    // Nobody is asked without a key, or where others could read the answer.
    let with = |settings: &[(&str, &str)], arguments: &[&str]| -> Result<String> {
        let mut command = household.command(arguments)?;
        let output = command.envs(settings.iter().copied()).output()?;
        ensure!(!output.status.success(), "{arguments:?} was done");
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let there = S3::address("other");
    let no_key = with(&[("HEARTH_BACKUP_S3_SECRET_KEY", "")], &["backup", &there])?;
    ensure!(no_key.contains("HEARTH_BACKUP_S3_ACCESS_KEY and HEARTH_BACKUP_S3_SECRET_KEY"), "{no_key}");
    let open = with(&[("HEARTH_BACKUP_S3_ENDPOINT", "http://192.0.2.1")], &["backup", &there])?;
    ensure!(open.contains("Use https, or encrypt the backup with --recipient"), "{open}");
    let away = with(&[("HEARTH_BACKUP_S3_ENDPOINT", "http://127.0.0.1:1")], &["backup", &there])?;
    ensure!(away.contains("the bucket's server cannot be reached") && away.contains("refused"), "{away}");
    let closed = S3::start_closed().await?;
    let unknown = with(&[("HEARTH_BACKUP_S3_ENDPOINT", &closed.url)], &["backup", &there])?;
    ensure!(unknown.contains("the server does not allow it with this access key"), "{unknown}");

    // Two at a time would take away what the other needs.
    let file = household.server.data().join("backup/lock");
    let lock = fs::File::options().write(true).open(&file)?;
    lock.lock()?;
    said(&["backup", &there], "another backup or restore is at work")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_asked_by_tls_and_only_if_its_authority_is_trusted() -> Result<()> {
    let household = Household::begin(&[]).await?;
    let folder = tempfile::tempdir()?;
    let (url, root) = household.s3.by_tls(folder.path()).await?;
    let address = S3::address("tls");
    let run = |root: Option<&Path>| -> Result<String> {
        let mut command = household.command(&["backup", &address])?;
        command.env("HEARTH_BACKUP_S3_ENDPOINT", &url);
        if let Some(root) = root {
            command.env("SSL_CERT_FILE", root);
        }
        let output = command.output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
    };
    let unknown = run(None)?;
    ensure!(unknown.contains("the bucket's server cannot be reached") && unknown.contains("certificate"), "{unknown}");
    let known = run(Some(&root))?;
    ensure!(known.contains("backup 000001-"), "{known}");
    Ok(())
}

#[tokio::test]
async fn a_server_backs_itself_up_into_a_bucket_and_rehearses() -> Result<()> {
    let s3 = S3::start().await?;
    let own = tempfile::tempdir()?;
    let secret = own.path().join("secret");
    let [endpoint, access_key, (_, word)] = s3.settings();
    fs::write(&secret, format!("{word}\n"))?;
    let (address, secret) = (S3::address("by/itself"), secret.display().to_string());
    let settings = [
        ("HEARTH_BACKUP_FOLDER", address.as_str()),
        (endpoint.0, &endpoint.1),
        (access_key.0, &access_key.1),
        ("HEARTH_BACKUP_S3_SECRET_KEY_FILE", &secret),
        ("HEARTH_METRICS_LISTEN", "127.0.0.1:0"),
    ];
    let server = Server::start(&settings)?;
    until_nothing_is_missing(PATIENCE, async || {
        let said = server.errors();
        let is_done = said.contains("a backup was made") && said.contains("is proved");
        Ok((!is_done).then_some(said))
    })
    .await?;
    let metrics = reqwest::get(metrics_url(&server)?).await?.text().await?;
    for line in ["hearth_backup_failed 0", "hearth_backup_rehearsal_passed 1"] {
        ensure!(metrics.contains(line), "{line} in {metrics}");
    }
    ensure!(!server.errors().contains(&word) && !server.output().contains(&word), "the key is told to nobody");
    ensure!(!server.data().join("rehearsal").exists(), "the scratch folder is gone");
    ensure!(s3.names("by/itself/backups/").await?.len() == 2, "a mark and a manifest");
    Ok(())
}
