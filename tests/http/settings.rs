//! `hearth config check` says what `hearth serve` would: with the file, the line and the name that was meant, and no secret.

use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};

use anyhow::{Context as _, Result};
use blackbox::Server;

fn hearth(arguments: &[&str], file: Option<&Path>, environment: &[(&str, &str)]) -> Result<Output> {
    let binary = env::var_os("HEARTH_BIN").context("set HEARTH_BIN to the server's binary")?;
    let mut command = Command::new(binary);
    command.args(arguments).env_remove("HEARTH_CONFIG").envs(environment.iter().copied());
    if let Some(file) = file {
        command.arg("--config").arg(file);
    }
    Ok(command.output()?)
}

#[test]
fn mistakes_are_told_alike_by_the_check_and_by_the_start() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("hearth.toml");
    let data = folder.path().join("data");
    let secret = folder.path().join("secret");
    fs::write(&secret, "hush-hush\n")?;
    let secret = secret.to_str().context("a path that is text")?;
    for (text, environment, said) in [
        ("[server]\nnmae = \"x\"", &[][..], "line 2: there is no setting server.nmae; did you mean server.name?"),
        ("\n[calls]\nturn_username = \"hush-hush", &[], "line 3: invalid basic string"),
        ("\n\n[limits]\nlogins_per_minute = 0", &[], "line 4: limits.logins_per_minute: must be at least 1"),
        (
            "",
            &[("HEARTH_REGISTRATOIN", "open")],
            "HEARTH_REGISTRATOIN: there is no such setting; did you mean HEARTH_REGISTRATION?",
        ),
        (
            "",
            &[("HEARTH_TURN_PASSWORD_FILE", "/nowhere/at-all")],
            "HEARTH_TURN_PASSWORD_FILE=/nowhere/at-all: the file cannot be read",
        ),
        ("", &[("HEARTH_TURN_SHARED_SECRET_FILE", secret), ("HEARTH_TURN_USERNAME", "u")], "expected one or the other"),
        ("", &[("HEARTH_MEMORY_BYTES", "1")], "the least that works is 192 MiB"),
    ] {
        fs::write(&file, text)?;
        let checked = hearth(&["config", "check"], Some(&file), environment)?;
        let data = data.to_str().context("a path that is text")?;
        let served = hearth(&["serve", "--data", data], Some(&file), environment)?;
        for output in [&checked, &served] {
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{text:?} {environment:?}: {errors}");
            assert!(errors.contains(said) && !errors.contains("hush-hush"), "{text:?} {environment:?}: {errors}");
        }
        assert_eq!(checked.stderr, served.stderr, "{text:?} {environment:?}");
    }
    assert!(!data.exists(), "a start that was refused made a data folder");
    Ok(())
}

#[test]
fn the_example_is_good_and_a_device_without_end_is_no_file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("hearth.toml");
    fs::write(&file, hearth(&["config", "example"], None, &[])?.stdout)?;
    let checked = hearth(&["config", "check"], Some(&file), &[])?;
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let endless = hearth(&["config", "check"], Some(Path::new("/dev/zero")), &[])?;
    let errors = String::from_utf8_lossy(&endless.stderr).into_owned();
    assert!(!endless.status.success() && errors.contains("/dev/zero cannot be read"), "{errors}");
    Ok(())
}

/// The one who may sign up has the token of the file.
#[tokio::test]
async fn a_secret_comes_from_a_file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("tokens");
    fs::write(&file, "sixteen-letters-of-a-token\n")?;
    let file = file.to_str().context("a path that is text")?;
    let server = Server::start(&[("HEARTH_REGISTRATION", "invite"), ("HEARTH_REGISTRATION_TOKENS_FILE", file)])?;
    for (token, is_valid) in [("sixteen-letters-of-a-token", true), ("sixteen-letters-of-another", false)] {
        let url = format!("{}/_matrix/client/v1/register/m.login.registration_token/validity?token={token}", server.url);
        let answer: serde_json::Value = reqwest::get(url).await?.error_for_status()?.json().await?;
        assert_eq!(answer["valid"], is_valid, "{token}");
    }
    Ok(())
}
