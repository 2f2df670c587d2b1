//! `hearth doctor` on a good system, and on one with each of the faults that it knows: found, in words, with the exit code.

use std::{
    env, fs,
    net::{TcpListener, UdpSocket},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use blackbox::Server;
use serde_json::Value;

/// What is found, and whether the exit code says that something is broken.
fn examine(data: &Path, settings: &[(&str, &str)], prefix: &[&str]) -> Result<(Vec<Value>, bool)> {
    let binary = env::var_os("HEARTH_BIN").context("set HEARTH_BIN to the server's binary")?;
    let mut command = match prefix {
        [] => Command::new(&binary),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(&binary);
            command
        }
    };
    let output = command.args(["doctor", "--json", "--data"]).arg(data).envs(settings.iter().copied()).output()?;
    let found = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("no JSON: {}", String::from_utf8_lossy(&output.stderr)))?;
    Ok((found, output.status.code() == Some(1)))
}

/// Asserts that `check` came out as `outcome` with these words, and that the exit code fits.
fn assert_found((found, is_broken): &(Vec<Value>, bool), check: &str, outcome: &str, words: &str) -> Result<()> {
    let finding = found.iter().find(|finding| finding["check"] == check).with_context(|| format!("{check} in {found:?}"))?;
    ensure!(finding["outcome"] == outcome, "{check} is not {outcome}: {found:#?}");
    ensure!(finding["found"].as_str().is_some_and(|text| text.contains(words)), "{check} does not say {words:?}: {finding}");
    ensure!(outcome == "ok" || finding["fix"].as_str().is_some_and(|fix| !fix.is_empty()), "no way out: {finding}");
    ensure!(*is_broken == found.iter().any(|finding| finding["outcome"] == "fail"), "the exit code does not fit {found:?}");
    Ok(())
}

/// A running server, and the settings by which the doctor finds it.
fn running() -> Result<(Server, String, String)> {
    let stun = UdpSocket::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let server = Server::start(&[("HEARTH_STUN_LISTEN", &stun)])?;
    let listen = server.url.trim_start_matches("http://").to_owned();
    Ok((server, listen, stun))
}

/// A certificate whose time is over, with its key.
fn certificate_that_is_over() -> Result<String> {
    let mut parameters = rcgen::CertificateParams::new(["chat.example.org".to_owned()])?;
    parameters.not_after = rcgen::date_time_ymd(2026, 1, 1);
    let key = rcgen::KeyPair::generate()?;
    Ok(format!("{}{}", parameters.self_signed(&key)?.pem(), key.serialize_pem()))
}

#[test]
fn nothing_is_wrong_with_a_good_system() -> Result<()> {
    let (server, listen, stun) = running()?;
    let (found, is_broken) = examine(&server.data(), &[("HEARTH_LISTEN", &listen), ("HEARTH_STUN_LISTEN", &stun)], &[])?;
    let wrong: Vec<_> = found.iter().filter(|finding| finding["outcome"] != "ok").collect();
    assert!(wrong.is_empty() && !is_broken, "{wrong:#?}");
    for check in ["settings", "file modes", "disk", "log", "descriptors", "memory", "server", "stun", "email", "sign-up"] {
        assert!(found.iter().any(|finding| finding["check"] == check), "{check} was not looked at: {found:?}");
    }
    Ok(())
}

#[test]
fn faults_around_a_running_server_are_found() -> Result<()> {
    let (server, listen, stun) = running()?;
    let data = server.data();
    let other = TcpListener::bind("127.0.0.1:0")?;
    let (nowhere, deaf) = (TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string(), UdpSocket::bind("127.0.0.1:0")?);
    let (deaf, other) = (deaf.local_addr()?.to_string(), other.local_addr()?.to_string());
    let good = [("HEARTH_LISTEN", listen.as_str()), ("HEARTH_STUN_LISTEN", stun.as_str())];
    for (setting, check, outcome, words) in [
        (("HEARTH_LISTEN", nowhere.as_str()), "server", "fail", "none answers on"),
        (("HEARTH_LISTEN", other.as_str()), "server", "fail", "is not Hearth"),
        (("HEARTH_STUN_LISTEN", deaf.as_str()), "stun", "fail", "Nobody answers on"),
        (
            ("HEARTH_SERVER_NAME", "example.org"),
            "log",
            "fail",
            "The folder is that of localhost, and server.name is example.org",
        ),
        (("HEARTH_REGISTRATOIN", "open"), "settings", "fail", "did you mean HEARTH_REGISTRATION?"),
        (("HEARTH_MEMORY_BYTES", "1000"), "memory", "fail", "the least that works is 192 MiB"),
        (("HEARTH_MEDIA_DISK_RESERVE_BYTES", "1000000000000000"), "disk", "warn", "MiB are free"),
        (("HEARTH_PUBLIC_URL", "https://chat.example.org"), "proxies", "warn", "all people are one to the limits"),
    ] {
        let settings: Vec<_> = good.into_iter().filter(|(name, _)| *name != setting.0).chain([setting]).collect();
        assert_found(&examine(&data, &settings, &[])?, check, outcome, words)?;
    }
    let folder = tempfile::tempdir()?;
    let over = folder.path().join("over.pem");
    fs::write(&over, certificate_that_is_over()?)?;
    let over = over.to_str().context("a path")?;
    for (settings, words) in [
        (&[("HEARTH_HTTPS_CERTIFICATE", over), ("HEARTH_HTTPS_KEY", over)][..], "It is over since"),
        (&[("HEARTH_HTTPS_CERTIFICATE", "/dev/null"), ("HEARTH_HTTPS_KEY", over)], "It does not read"),
        (&[("HEARTH_DOMAIN", "name.invalid"), ("HEARTH_SERVER_NAME", "localhost")], "There is none, so there is no HTTPS"),
    ] {
        let settings: Vec<_> = good.iter().chain(settings).copied().collect();
        assert_found(&examine(&data, &settings, &[])?, "certificate", "fail", words)?;
    }
    let elsewhere = format!("http://{nowhere}");
    for (url, outcome, words) in [
        ("http://name.invalid", "fail", "The name name.invalid is not known here"),
        (elsewhere.as_str(), "warn", "cannot be reached from here"),
        (server.url.as_str(), "ok", "where somebody listens"),
    ] {
        let settings = [good[0], good[1], ("HEARTH_PUBLIC_URL", url)];
        assert_found(&examine(&data, &settings, &[])?, "address", outcome, words)?;
    }
    let open = [("HEARTH_REGISTRATION", "open"), ("HEARTH_SERVER_NAME", "example.org"), good[0], good[1]];
    assert_found(&examine(&data, &open, &[])?, "sign-up", "warn", "Anybody who reaches example.org")?;
    assert_found(&examine(&data, &good, &["prlimit", "--nofile=200"])?, "descriptors", "warn", "200 files")?;
    fs::set_permissions(data.join("signing.key"), fs::Permissions::from_mode(0o644))?;
    assert_found(&examine(&data, &good, &[])?, "file modes", "fail", "signing.key")
}

#[test]
fn faults_of_a_folder_without_a_server_are_found() -> Result<()> {
    let (mut server, listen, stun) = running()?;
    server.stop()?;
    let data = server.data();
    let good = [("HEARTH_LISTEN", listen.as_str()), ("HEARTH_STUN_LISTEN", stun.as_str())];
    assert_found(&examine(&data, &good, &[])?, "server", "warn", "No server runs")?;
    let gone = data.join("gone");
    assert_found(&examine(&gone, &good, &[])?, "data", "warn", "There is no folder")?;
    ensure!(!gone.exists(), "looking made a folder");
    fs::rename(data.join("log.key"), data.join("elsewhere"))?;
    assert_found(&examine(&data, &good, &[])?, "log", "fail", "the log's key cannot be read")
}
