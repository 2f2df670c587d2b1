//! Debian and Ubuntu packages, installed as root or with sudo and without questions.

use std::fs;
use std::io::IsTerminal as _;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::needs::program;
use crate::process;

/// Installing may download a few hundred megabytes over a slow line, but it must end.
pub(crate) const INSTALL_LIMIT: Duration = Duration::from_secs(30 * 60);

/// Held by who installs: jobs that go on side by side may miss the same package, and dpkg refuses the second one.
static INSTALLING: Mutex<()> = Mutex::new(());

/// Installs `packages`.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if !program::is_there("apt-get") {
        bail!("this machine has no apt-get; install what gives you {}", packages.join(", "));
    }
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    let known = packages.iter().all(|package| offers(package));
    if known && process::run_within(&mut apt_get(&arguments)?, INSTALL_LIMIT).is_ok() {
        return Ok(());
    }
    // The lists of packages may be missing or old.
    process::run_within(&mut apt_get(&["update"])?, INSTALL_LIMIT)?;
    process::run_within(&mut apt_get(&arguments)?, INSTALL_LIMIT)
        .with_context(|| format!("installing {} failed; install them by hand and start again", packages.join(" ")))
}

/// Whether the package lists on this machine have `package`.
pub(crate) fn offers(package: &str) -> bool {
    let policy = process::probe(process::command("apt-cache").args(["policy", package]));
    policy.is_some_and(|text| text.contains("Candidate:") && !text.contains("Candidate: (none)"))
}

/// Brings the lists of packages up to date, once it turns out that they do not have `package`.
pub(crate) fn offers_after_update(package: &str) -> bool {
    if !program::is_there("apt-get") {
        return false;
    }
    if offers(package) {
        return true;
    }
    let updated = apt_get(&["update"]).and_then(|mut update| process::run_within(&mut update, INSTALL_LIMIT));
    updated.is_ok() && offers(package)
}

fn apt_get(arguments: &[&str]) -> Result<Command> {
    let mut command = as_root("apt-get")?;
    // Somebody else on the machine may be installing too.
    command.args(["-q", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300"]).args(arguments);
    Ok(command)
}

/// A command that runs with root's rights.
pub(crate) fn as_root(program: &str) -> Result<Command> {
    let environment = "DEBIAN_FRONTEND=noninteractive";
    if is_root() {
        let mut command = process::command(program);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        return Ok(command);
    }
    if !program::is_there("sudo") {
        bail!("{program} must run as root and there is no sudo on this machine");
    }
    let mut command = process::command("sudo");
    // Without a terminal nobody could type a password, so a wait for one would never end.
    if std::io::stdin().is_terminal() {
        command.stdin(std::process::Stdio::inherit());
    } else {
        command.arg("-n");
    }
    command.args([environment, program]);
    Ok(command)
}

/// Whether this process has root's rights.
pub(crate) fn is_root() -> bool {
    process::probe(process::command("id").arg("-u")).as_deref() == Some("0")
}

/// The first mirror in this machine's package sources; debootstrap has one of its own if there is none.
pub(crate) fn mirror() -> Option<String> {
    let mut sources: Vec<_> =
        fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    sources.push("/etc/apt/sources.list".into());
    let texts = sources.into_iter().filter_map(|path| fs::read_to_string(path).ok());
    texts.filter_map(|text| mirror_in(&text)).next()
}

/// Reads `URIs: http://…/debian`, or `deb http://…/debian bookworm main`.
fn mirror_in(text: &str) -> Option<String> {
    let words = text.lines().filter_map(|line| line.strip_prefix("URIs:").or_else(|| line.strip_prefix("deb ")));
    let mut uris = words.flat_map(str::split_whitespace).filter(|word| word.contains("://"));
    uris.find(|uri| uri.trim_end_matches('/').ends_with("/debian")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::mirror_in;

    #[test]
    fn the_mirror_is_found_in_both_forms() {
        let new = "Types: deb\n# http://old.example/debian\nURIs: http://one.example/debian\nSuites: bookworm\n";
        assert_eq!(mirror_in(new).as_deref(), Some("http://one.example/debian"));
        assert_eq!(
            mirror_in("deb https://two.example/debian/ bookworm main\n").as_deref(),
            Some("https://two.example/debian/")
        );
        assert_eq!(mirror_in("URIs: https://packages.example/other\n"), None);
    }
}
