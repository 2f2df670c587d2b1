//! The image that both stages of the Dockerfile start from. Where no registry of images can be reached, a stand-in is made
//! from Debian's packages.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::docker::Engine;
use crate::needs::{self, Need, apt};
use crate::{paths, process, ui};

const IMAGE: &str = "debian:bookworm-slim";
const SUITE: &str = "bookworm";
/// An image that has not come by then does not come.
const PULL_LIMIT: Duration = Duration::from_secs(120);

/// What Docker's slim images of Debian leave out, or have removed again: the stand-in is to be as large as what it stands for.
const LEFT_OUT: [&str; 7] = [
    "./usr/share/doc/*",
    "./usr/share/info/*",
    "./usr/share/locale/*",
    "./usr/share/man/*",
    "./var/cache/apt/*",
    "./var/lib/apt/lists/*",
    "./var/log/*",
];
/// What they have apt keep: nothing.
const APT_SETTINGS: &str = "Dir::Cache::pkgcache \"\";\nDir::Cache::srcpkgcache \"\";\nDPkg::Post-Invoke { \"rm -f /var/cache/apt/archives/*.deb\"; };\n";

const DEBOOTSTRAP: &[Need] =
    &[Need::program("debootstrap", "makes a base image from packages, since none can be pulled", &["debootstrap"])];

/// Makes sure that the engine has the base image.
pub(crate) fn ensure(engine: &Engine) -> Result<()> {
    if process::probe(engine.docker().args(["image", "inspect", IMAGE])).is_some() {
        return Ok(());
    }
    ui::step(&format!("fetching {IMAGE}"));
    if process::run_within(engine.docker().args(["pull", "--quiet", IMAGE]), PULL_LIMIT).is_ok() {
        return Ok(());
    }
    if !apt::is_root() {
        bail!("{IMAGE} cannot be pulled, and making a stand-in takes root's rights");
    }
    ui::step(&format!("{IMAGE} cannot be pulled; making a stand-in from packages"));
    needs::ensure(DEBOOTSTRAP)?;
    let rootfs = paths::cache("docker")?.join("rootfs");
    if rootfs.exists() {
        fs::remove_dir_all(&rootfs).context("removing an unfinished base image")?;
    }
    let mut debootstrap = process::command("debootstrap");
    process::run(debootstrap.args(["--variant=minbase", SUITE]).arg(&rootfs).args(apt::mirror()))?;
    carry_over(&rootfs)?;
    import(engine, &rootfs)?;
    fs::remove_dir_all(&rootfs).context("removing the base image's folder")
}

/// The packages inside must come from where this machine's come from, through the same certificates.
fn carry_over(rootfs: &Path) -> Result<()> {
    for (folder, ending) in [("etc/apt/sources.list.d", "sources"), ("usr/local/share/ca-certificates", "crt")] {
        let from = Path::new("/").join(folder);
        let to = rootfs.join(folder);
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(&from).into_iter().flatten().flatten() {
            if entry.path().extension().is_some_and(|extension| extension == ending) {
                fs::copy(entry.path(), to.join(entry.file_name())).context("copying into the base image")?;
            }
        }
    }
    let own_sources = fs::read_dir(rootfs.join("etc/apt/sources.list.d"))?.next().is_some();
    let list = rootfs.join("etc/apt/sources.list");
    if own_sources && list.exists() {
        fs::remove_file(list).context("removing the mirror's own list")?;
    }
    fs::write(rootfs.join("etc/apt/apt.conf.d/docker-clean"), APT_SETTINGS).context("having apt keep nothing")
}

fn import(engine: &Engine, rootfs: &Path) -> Result<()> {
    let mut tar = process::command("tar");
    tar.args(LEFT_OUT.map(|pattern| format!("--exclude={pattern}")));
    let mut packer = tar.arg("-C").arg(rootfs).args(["-c", "."]).stdout(Stdio::piped()).spawn().context("starting tar")?;
    let stream = packer.stdout.take().context("tar has no output")?;
    process::run(engine.docker().args(["import", "-", IMAGE]).stdin(stream))?;
    if packer.wait()?.success() {
        return Ok(());
    }
    bail!("tar could not read {}", rootfs.display())
}
