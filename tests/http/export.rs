//! The log of a real conversation, exported: whole to two verifiers that share no code, and damaged to both of them when
//! anything in it is changed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

const MUTATIONS: u64 = 200;

/// The verifier written from docs/record-format.md alone.
fn second_verifier(file: &Path) -> Result<Output> {
    let python = env::var_os("HEARTH_PYTHON").context("set HEARTH_PYTHON to a Python that has `cryptography`")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verify_export.py");
    Ok(Command::new(python).arg(script).arg(file).output()?)
}

fn own_verifier(file: &Path) -> Result<Output> {
    let binary = env::var_os("HEARTH_BIN").context("set HEARTH_BIN to the server's binary")?;
    Ok(Command::new(binary).args(["log", "verify"]).arg(file).output()?)
}

/// A conversation with something in it that was erased, as an export.
async fn exported(server: &Server, folder: &Path) -> Result<PathBuf> {
    let (alice, bob) = (Person::sign_up(server, "alice").await?, Person::sign_up(server, "bob").await?);
    let room = alice.create_room(json!({"preset": "trusted_private_chat", "invite": [bob.user_id]})).await?;
    bob.demand(reqwest::Method::POST, &format!("v3/join/{room}"), Some(json!({}))).await?;
    let first = alice.send(&room, "1").await?;
    bob.send(&room, "2").await?;
    alice.demand(reqwest::Method::PUT, &format!("v3/rooms/{room}/redact/{first}/3"), Some(json!({}))).await?;
    let file = folder.join("export.jsonl");
    fs::write(&file, server.command(&["log", "export"])?)?;
    Ok(file)
}

/// Changes one thing, and says what.
fn mutate(lines: &mut Vec<Vec<u8>>, random: &mut ChaCha8Rng) -> String {
    let line = random.random_range(0..lines.len() - 1);
    match random.random_range(0..5) {
        0 => {
            let byte = random.random_range(0..lines[line].len());
            let bit = random.random_range(0..8);
            lines[line][byte] ^= 1 << bit;
            format!("flip bit {bit} of byte {byte} in line {line}")
        }
        1 => {
            lines.remove(line);
            format!("drop line {line}")
        }
        2 => {
            lines.swap(line, line + 1);
            format!("swap line {line} and the next")
        }
        3 => {
            let copy = lines[random.random_range(0..lines.len())].clone();
            lines.insert(line, copy);
            format!("insert a copy before line {line}")
        }
        _ => {
            let byte = random.random_range(1..lines[line].len());
            lines.truncate(line + 1);
            lines[line].truncate(byte);
            format!("cut in line {line} after byte {byte}")
        }
    }
}

/// What every version of the format has written, and what two of them have written one after the other.
#[test]
fn two_verifiers_agree_on_the_golden_exports() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    for name in ["log-v1.jsonl", "log-v2.jsonl", "log-v1-v2.jsonl"] {
        let file = folder.join(name);
        for output in [own_verifier(&file)?, second_verifier(&file)?] {
            ensure!(output.status.success(), "{name}: {output:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn two_verifiers_agree_on_an_export_and_on_200_damaged_ones() -> Result<()> {
    let mut server = Server::start(&[])?;
    let folder = tempfile::TempDir::new()?;
    let file = exported(&server, folder.path()).await?;
    server.kill()?;
    for output in [own_verifier(&file)?, second_verifier(&file)?] {
        ensure!(output.status.success(), "{output:?}");
    }
    let bytes = fs::read(&file)?;
    let whole: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let changed_file = folder.path().join("changed.jsonl");
    for seed in 0..MUTATIONS {
        let mut changed = whole.clone();
        let what = mutate(&mut changed, &mut ChaCha8Rng::seed_from_u64(seed));
        fs::write(&changed_file, changed.concat())?;
        let (own, second) = (own_verifier(&changed_file)?, second_verifier(&changed_file)?);
        let words = String::from_utf8_lossy(&own.stderr).into_owned();
        ensure!(!own.status.success() && words.contains("line "), "seed {seed}: {what}: {own:?}");
        ensure!(!second.status.success(), "seed {seed}: {what}: the second verifier does not agree: {second:?}");
    }
    Ok(())
}
