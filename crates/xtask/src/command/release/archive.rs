//! The archive for whoever runs the binary as it is: `hearth-VERSION-ARCH-linux.tar.gz`.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};

use crate::command::release::plan::Release;
use crate::{paths, process, ui};

/// Files of the repository that go with the binary.
const BESIDE: &[&str] = &["CHANGELOG.md", "LICENSE", "README.md", "config.example.toml"];

pub(super) fn write(release: &Release, binary: &Path, licences: &Path) -> Result<()> {
    ui::step("packing the archive");
    let name = format!("hearth-{}-{}-{}", release.version, std::env::consts::ARCH, std::env::consts::OS);
    let folder = release.work.join(&name);
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let beside: Vec<_> = BESIDE.iter().map(|file| paths::in_root(file)).collect();
    for file in beside.iter().map(std::path::PathBuf::as_path).chain([binary, licences]) {
        let place = folder.join(file.file_name().unwrap_or_default());
        fs::copy(file, &place).with_context(|| format!("copying {} to {}", file.display(), place.display()))?;
    }
    pack(release, &name, &release.dist.join(format!("{name}.tar.gz")))
}

/// Packs a folder of the work folder so that the same files give the same bytes: in order of name, with the commit's time, and
/// without who packed them.
fn pack(release: &Release, name: &str, archive: &Path) -> Result<()> {
    let mut tar = process::command("tar");
    tar.args(["--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=u+w,go=rX", "--format=gnu"]);
    tar.arg(format!("--mtime=@{}", release.epoch)).arg("--directory").arg(&release.work).arg(name);
    let mut packer = tar.stdout(Stdio::piped()).spawn().context("starting tar")?;
    let stream = packer.stdout.take().context("tar has no output")?;
    let file = fs::File::create(archive).with_context(|| format!("creating {}", archive.display()))?;
    // Without the name and the time of what it compresses.
    let mut gzip = process::command("gzip");
    let compressed = gzip.args(["--best", "--no-name"]).stdin(stream).stdout(file).status().context("starting gzip")?;
    if packer.wait()?.success() && compressed.success() {
        return Ok(());
    }
    bail!("packing {} failed", archive.display())
}
