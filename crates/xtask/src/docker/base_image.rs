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
    process::run(debootstrap.args(["--variant=minbase", SUITE]).arg(&rootfs).args(mirror()))?;
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
    Ok(())
}

fn import(engine: &Engine, rootfs: &Path) -> Result<()> {
    let mut tar = process::command("tar");
    let mut packer = tar.arg("-C").arg(rootfs).args(["-c", "."]).stdout(Stdio::piped()).spawn().context("starting tar")?;
    let stream = packer.stdout.take().context("tar has no output")?;
    process::run(engine.docker().args(["import", "-", IMAGE]).stdin(stream))?;
    if packer.wait()?.success() {
        return Ok(());
    }
    bail!("tar could not read {}", rootfs.display())
}

/// The first mirror in this machine's package sources; debootstrap has one of its own if there is none.
fn mirror() -> Option<String> {
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
