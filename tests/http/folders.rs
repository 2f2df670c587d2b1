//! Data folders as backups, copies and disks leave them: views of another log or another moment, and damaged ones. The server
//! starts, says what it found, and what the log acknowledged is there.

use std::{
    fs::{self, OpenOptions},
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server};
use reqwest::Method;
use serde_json::json;

/// Enough that the views have files of their own.
const MESSAGES: usize = 20;

/// A server that was stopped and went on: what its folder was like at the stop, and what was acknowledged before and after.
struct Past {
    server: Server,
    /// Copies of the folder's `log/` and `views/` at the stop.
    kept: tempfile::TempDir,
    alice: Person,
    room: String,
    before: Vec<String>,
    after: Vec<String>,
    /// Signed up after the stop.
    bob: Person,
}

impl Past {
    async fn set() -> Result<Self> {
        let mut server = Server::start(&[])?;
        let alice = Person::sign_up(&server, "alice").await?;
        let room = alice.create_room(json!({ "preset": "private_chat" })).await?;
        let before = talk(&alice, &room, "before").await?;
        server.stop()?;
        let kept = tempfile::tempdir()?;
        for part in ["log", "views"] {
            copy(&server.data().join(part), &kept.path().join(part))?;
        }
        server.restart()?;
        let alice = alice.at(&server);
        let bob = Person::sign_up(&server, "bob").await?;
        let after = talk(&alice, &room, "after").await?;
        server.stop()?;
        Ok(Self { server, kept, alice, room, before, after, bob })
    }

    /// Starts the server; the words it says about its views.
    fn start(&mut self) -> Result<String> {
        let said_before = self.server.errors().len();
        self.server.restart()?;
        self.alice = self.alice.at(&self.server);
        self.bob = self.bob.at(&self.server);
        Ok(self.server.errors()[said_before..].to_owned())
    }

    /// Puts back a part of the folder as it was at the stop.
    fn put_back(&self, part: &str) -> Result<()> {
        let target = self.server.data().join(part);
        fs::remove_dir_all(&target)?;
        copy(&self.kept.path().join(part), &target)
    }

    /// Whether alice reads exactly these of her messages, can go on, and the log and the views agree.
    async fn check(&mut self, there: &[&str], gone: &[&str]) -> Result<()> {
        for (events, status) in [(there, 200), (gone, 404)] {
            for event in events {
                let path = format!("v3/rooms/{}/event/{event}", self.room);
                let answer = self.alice.ask(Method::GET, &path, None).await?;
                ensure!(answer.status == status, "{event}: {} instead of {status}", answer.status);
            }
        }
        let new = self.alice.send(&self.room, "new").await?;
        let path = format!("v3/rooms/{}/event/{new}", self.room);
        self.alice.demand(Method::GET, &path, None).await.context("what was just acknowledged")?;
        self.server.stop()?;
        self.server.command(&["log", "verify"])?;
        self.server.command(&["log", "replay", "--check"])?;
        Ok(())
    }
}

async fn talk(alice: &Person, room: &str, name: &str) -> Result<Vec<String>> {
    let mut events = Vec::new();
    for n in 0..MESSAGES {
        events.push(alice.send(room, &format!("{name}{n}")).await?);
    }
    Ok(events)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn files(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().and_then(|name| name.to_str()).is_some_and(&is_wanted) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn texts(events: &[String]) -> Vec<&str> {
    events.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn an_older_log_under_newer_views_is_what_counts() -> Result<()> {
    let mut past = Past::set().await?;
    past.put_back("log")?;
    // Whoever only checks is told, and finds everything as it was.
    let checked = past.server.command(&["log", "replay", "--check"]).err().context("the views are of a longer log")?;
    ensure!(checked.to_string().contains("which this log has not"), "{checked}");
    let said = past.start()?;
    ensure!(said.contains("which this log has not"), "{said}");
    let answer = past.bob.ask(Method::GET, "v3/account/whoami", None).await?;
    ensure!(answer.status == 401, "a session that is not in the log: {}", answer.status);
    let (before, after) = (past.before.clone(), past.after.clone());
    past.check(&texts(&before), &texts(&after)).await
}

#[tokio::test]
async fn older_views_under_a_newer_log_catch_up() -> Result<()> {
    let mut past = Past::set().await?;
    past.put_back("views")?;
    let said = past.start()?;
    ensure!(!said.contains("anew"), "{said}");
    past.bob.demand(Method::GET, "v3/account/whoami", None).await?;
    let all = [past.before.clone(), past.after.clone()].concat();
    past.check(&texts(&all), &[]).await
}

#[tokio::test]
async fn views_of_another_log_are_folded_anew() -> Result<()> {
    let mut past = Past::set().await?;
    let mut other = Past::set().await?;
    let foreign = other.server.data().join("views");
    fs::remove_dir_all(&foreign)?;
    copy(&past.server.data().join("views"), &foreign)?;
    let said = other.start()?;
    ensure!(said.contains("another log") || said.contains("which this log has not"), "{said}");
    past.alice = past.alice.at(&other.server);
    let answer = past.alice.ask(Method::GET, "v3/account/whoami", None).await?;
    ensure!(answer.status == 401, "a session of the other log: {}", answer.status);
    let all = [other.before.clone(), other.after.clone()].concat();
    other.check(&texts(&all), &[]).await
}

#[tokio::test]
async fn a_log_without_its_key_is_not_given_another() -> Result<()> {
    let mut past = Past::set().await?;
    let key = past.server.data().join("log.key");
    let kept = past.kept.path().join("log.key");
    fs::rename(&key, &kept)?;
    let refused = past.server.restart().err().context("it starts without its key")?.to_string();
    ensure!(refused.contains("Put it back from a backup"), "{refused}");
    ensure!(!key.exists(), "another key was made");
    fs::rename(&kept, &key)?;
    past.start()?;
    let all = [past.before.clone(), past.after.clone()].concat();
    past.check(&texts(&all), &[]).await
}

/// Damages a folder of views.
type Damage = fn(&Path) -> Result<()>;

#[tokio::test]
async fn damaged_views_are_folded_anew() -> Result<()> {
    let mut past = Past::set().await?;
    let views = past.server.data().join("views");
    let whole = tempfile::tempdir()?;
    copy(&views, whole.path())?;
    let damages: [(&str, Damage); 6] = [
        ("a pointer to nothing", |views| Ok(fs::write(views.join("CURRENT"), "MANIFEST-999999\n")?)),
        ("an empty pointer", |views| Ok(fs::write(views.join("CURRENT"), "")?)),
        ("a manifest of nonsense", |views| {
            files(views, |name| name.starts_with("MANIFEST"))?.iter().try_for_each(|file| Ok(fs::write(file, "nonsense")?))
        }),
        ("a copy that lacks the rows", |views| {
            files(views, |name| name.ends_with(".sst"))?.iter().try_for_each(|file| Ok(fs::remove_file(file)?))
        }),
        ("rows cut short", |views| {
            files(views, |name| name.ends_with(".sst"))?
                .iter()
                .try_for_each(|file| Ok(OpenOptions::new().write(true).open(file)?.set_len(100)?))
        }),
        ("rows with flipped bytes", |views| {
            files(views, |name| name.ends_with(".sst"))?.iter().try_for_each(|file| {
                let mut file = OpenOptions::new().write(true).open(file)?;
                file.seek(SeekFrom::Start(64))?;
                Ok(file.write_all(&[0xff; 512])?)
            })
        }),
    ];
    for (name, damage) in damages {
        fs::remove_dir_all(&views)?;
        copy(whole.path(), &views)?;
        damage(&views).with_context(|| name.to_owned())?;
        let said = past.start().with_context(|| name.to_owned())?;
        ensure!(said.contains("the views are damaged and are folded anew"), "{name}: {said}");
        let all = [past.before.clone(), past.after.clone()].concat();
        past.check(&texts(&all), &[]).await.with_context(|| name.to_owned())?;
    }
    Ok(())
}

#[tokio::test]
async fn an_admin_has_the_views_folded_anew_while_the_server_runs() -> Result<()> {
    let mut past = Past::set().await?;
    past.start()?;
    let told = past.server.command(&["log", "replay"])?;
    ensure!(told.contains("when it starts the next time"), "{told}");
    past.server.stop()?;
    let said = past.start()?;
    ensure!(said.contains("as `hearth log replay` asked"), "{said}");
    past.server.stop()?;
    let said = past.start()?;
    ensure!(!said.contains("anew"), "once is enough: {said}");
    let all = [past.before.clone(), past.after.clone()].concat();
    past.check(&texts(&all), &[]).await
}

#[tokio::test]
async fn a_log_goes_on_under_a_new_key_that_the_old_one_signs_for() -> Result<()> {
    let mut past = Past::set().await?;
    let data = past.server.data();
    let old = fs::read(data.join("log.key"))?;
    let told = past.server.command(&["log", "rotate-key"])?;
    let new = fs::read(data.join("log.key"))?;
    ensure!(old != new && !data.join("log.key.next").exists(), "{told}");
    past.start()?;
    let refused = past.server.command(&["log", "rotate-key"]).err().context("rotated under a running server")?;
    ensure!(refused.to_string().contains("in use"), "{refused}");
    past.alice.send(&past.room, "under the new key").await?;
    past.server.stop()?;
    let verified = past.server.command(&["log", "verify"])?;
    ensure!(verified.contains("signed for by the key before"), "{verified}");

    // Broken off between the record and the exchange of the files.
    fs::rename(data.join("log.key"), data.join("log.key.next"))?;
    fs::write(data.join("log.key"), &old)?;
    past.start()?;
    ensure!(fs::read(data.join("log.key"))? == new && !data.join("log.key.next").exists());
    past.server.stop()?;

    // A checkpoint was signed at the stop, so that every record can be proven.
    let proof = past.server.command(&["log", "prove", "2"])?;
    ensure!(proof.starts_with("c2sp.org/tlog-proof@v1\nextra ") && proof.contains("\nindex 1\n"), "{proof}");
    ensure!(proof.contains("\n\u{2014} localhost "), "the checkpoint's signature: {proof}");
    ensure!(past.server.command(&["log", "prove", "999999"]).is_err());
    past.start()?;
    let all = [past.before.clone(), past.after.clone()].concat();
    past.check(&texts(&all), &[]).await
}

#[tokio::test]
async fn a_folder_of_a_newer_format_is_refused_by_everything_and_stays_as_it_is() -> Result<()> {
    let mut server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    server.stop()?;
    let note = server.data().join("format.json");
    let own = fs::read(&note)?;
    let newer = r#"{"format":1000000,"by":"99.1.2","what_later_versions_add":{}}"#;
    fs::write(&note, newer)?;
    let log = || files(&server.data().join("log"), |_| true);
    let before = log()?;
    let data = server.data();
    let data = data.to_str().context("a path")?;
    let target = tempfile::tempdir()?;
    let target = target.path().to_str().context("a path")?;
    for command in [
        &["serve", "--listen", "127.0.0.1:0", "--data", data][..],
        &["log", "verify", "--data", data],
        &["log", "export", "--data", data],
        &["log", "stat", "--data", data],
        &["log", "rotate-key", "--data", data],
        &["backup", "--data", data, target],
        &["doctor", "--data", data],
    ] {
        let output = program(command)?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        ensure!(!output.status.success(), "{command:?} has touched it: {said}");
        ensure!(said.contains("Hearth 99.1.2 has written to") && said.contains("in format 1000000"), "{command:?}: {said}");
    }
    ensure!(fs::read_to_string(&note)? == newer && log()? == before, "it has changed");

    // One from before there was such a note is taken, and gets one.
    fs::remove_file(&note)?;
    server.restart()?;
    ensure!(fs::read(&note)? == own, "the note is not there again");
    alice.at(&server).demand(Method::GET, "v3/account/whoami", None).await?;
    Ok(())
}

fn program(arguments: &[&str]) -> Result<std::process::Output> {
    let binary = std::env::var_os("HEARTH_BIN").context("set HEARTH_BIN to the server's binary")?;
    Ok(std::process::Command::new(binary).args(arguments).output()?)
}
