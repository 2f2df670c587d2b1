//! nginx, HAProxy and Caddy, which the tests put in front of the server, Pebble, the authority that gives it certificates, and OpenSMTPD,
//! which takes its mail. Where they are not installed, Debian's packages are unpacked in the cache and not installed: what is installed
//! would start by itself and take the machine's ports.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::needs::apt;
use crate::{paths, process, ui};

/// Where they are; those for admins are in nobody else's `PATH`.
const FOLDERS: [&str; 4] = ["usr/sbin", "usr/local/sbin", "usr/bin", "usr/local/bin"];
/// The packages, the programs in them, and by which variables the tests are told where these are.
const PROGRAMS: [(&str, &str, &str); 5] = [
    ("nginx", "nginx", "HEARTH_NGINX"),
    ("haproxy", "haproxy", "HEARTH_HAPROXY"),
    ("caddy", "caddy", "HEARTH_CADDY"),
    ("pebble", "pebble", "HEARTH_PEBBLE"),
    ("opensmtpd", "smtpd", "HEARTH_SMTPD"),
];

/// Where the programs and the libraries are that came with them.
pub(crate) struct Proxies {
    root: PathBuf,
}

/// The proxies, fetched if this machine does not have them.
pub(crate) fn ensure() -> Result<Proxies> {
    let installed = Proxies { root: PathBuf::from("/") };
    if installed.are_there() {
        return Ok(installed);
    }
    let folder = paths::cache("proxies")?;
    let unpacked = Proxies { root: folder.join("root") };
    if !unpacked.are_there() {
        ui::step(
            "fetching nginx, HAProxy and Caddy, behind which the server is tested, Pebble, which gives it certificates, and OpenSMTPD, \
             which takes its mail",
        );
        fetch(&folder)?;
    }
    if unpacked.are_there() {
        Ok(unpacked)
    } else {
        bail!("Debian's packages {} have not these programs", packages().join(", "))
    }
}

impl Proxies {
    fn are_there(&self) -> bool {
        PROGRAMS.iter().all(|(_, name, _)| self.program(name).is_some())
    }

    fn program(&self, name: &str) -> Option<PathBuf> {
        FOLDERS.iter().map(|folder| self.root.join(folder).join(name)).find(|path| path.is_file())
    }

    /// Tells the tests where they are.
    pub(crate) fn tell<'c>(&self, tests: &'c mut Command) -> Result<&'c mut Command> {
        for (_, name, variable) in PROGRAMS {
            tests.env(variable, self.program(name).with_context(|| format!("{name} is missing"))?);
        }
        if self.root != Path::new("/") {
            tests.env("HEARTH_PROXY_LIBRARIES", self.root.join("usr/lib").join(library_folder()));
        }
        Ok(tests)
    }
}

fn packages() -> [&'static str; PROGRAMS.len()] {
    PROGRAMS.map(|(package, ..)| package)
}

/// Debian's name for this kind of machine, such as `x86_64-linux-gnu`.
fn library_folder() -> String {
    format!("{}-linux-gnu", std::env::consts::ARCH)
}

/// Downloads the packages, with what they need and this machine does not have, and unpacks them.
fn fetch(folder: &Path) -> Result<()> {
    if let Some(missing) = packages().into_iter().find(|name| !apt::offers_after_update(name)) {
        bail!("this machine offers no package of {missing}; install {} and start again", packages().join(", "));
    }
    let archives = folder.join("archives");
    fs::create_dir_all(archives.join("partial")).with_context(|| format!("creating {}", archives.display()))?;
    let mut download = process::command("apt-get");
    download
        .args(["-q", "install", "--yes", "--no-install-recommends", "--download-only", "-o", "Debug::NoLocking=1", "-o"])
        .arg(format!("Dir::Cache::archives={}", archives.display()))
        .args(packages());
    process::run_within(&mut download, apt::INSTALL_LIMIT)?;
    let root = folder.join("root");
    for entry in fs::read_dir(&archives).with_context(|| format!("reading {}", archives.display()))? {
        let package = entry?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            process::run(process::command("dpkg-deb").arg("--extract").arg(&package).arg(&root))?;
        }
    }
    fs::remove_dir_all(&archives).with_context(|| format!("removing {}", archives.display()))
}
