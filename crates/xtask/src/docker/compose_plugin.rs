//! Compose 2, which reads docker-compose.yml. Debian 12 has the first Compose alone, which does not: so where there is no other, Debian's
//! newer package is unpacked in the cache and not installed.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::needs::apt;
use crate::{paths, process, ui};

/// Debian's package by architecture, with the SHA-256 of its file.
const PACKAGES: [(&str, &str, &str); 2] = [
    ("x86_64", "amd64", "47681197cb2b1ab88206b42a1a92fc75f50d9530a6322d03494a473eed0408ea"),
    ("aarch64", "arm64", "bbafaa666f3e7fa00ad36f2a8bab889f1c791ca8743d674e7267a3d07203869c"),
];
const VERSION: &str = "2.26.1-4";
const INSIDE: &str = "usr/libexec/docker/cli-plugins/docker-compose";
/// Fetches a file as apt does, by its proxies, and compares its sum.
const FETCHER: &str = "/usr/lib/apt/apt-helper";
const LIMIT: Duration = Duration::from_secs(300);

/// Whether this output of `docker-compose version --short` is of a Compose that reads the file.
pub(super) fn is_new_enough(version: &str) -> bool {
    let major = version.trim().trim_start_matches('v').split('.').next();
    major.and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major >= 2)
}

/// The program, fetched when it is not in the cache.
pub(super) fn ensure() -> Result<PathBuf> {
    let folder = paths::cache("docker")?.join("compose").join(VERSION);
    let program = folder.join(INSIDE);
    if program.is_file() {
        return Ok(program);
    }
    let (_, architecture, sum) = PACKAGES.iter().find(|(machine, ..)| *machine == std::env::consts::ARCH).context(
        "this machine has no `docker compose`, and no package of it is known for its processor; install Compose 2",
    )?;
    let mirror = apt::mirror().context("this machine has no `docker compose` and no Debian packages; install Compose 2")?;
    ui::step("fetching Compose 2: no `docker compose` is here");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let package = folder.join("docker-compose.deb");
    let url =
        format!("{}/pool/main/d/docker-compose/docker-compose_{VERSION}_{architecture}.deb", mirror.trim_end_matches('/'));
    let mut fetch = process::command(FETCHER);
    process::run_within(fetch.args(["download-file", &url]).arg(&package).arg(format!("SHA256:{sum}")), LIMIT)?;
    process::run(process::command("dpkg-deb").arg("--extract").arg(&package).arg(&folder))?;
    fs::remove_file(&package).with_context(|| format!("removing {}", package.display()))?;
    if program.is_file() {
        return Ok(program);
    }
    bail!("Debian's package of Compose {VERSION} has no {INSIDE}")
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn only_the_second_compose_reads_the_file() {
        assert!(is_new_enough("2.26.1-4\n"));
        assert!(is_new_enough("v5.0.1"));
        for old in ["1.29.2", "", "docker-compose version 1.29.2, build unknown"] {
            assert!(!is_new_enough(old), "{old}");
        }
    }
}
