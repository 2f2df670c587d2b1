//! The image as an archive in the OCI's form, `hearth-VERSION.oci.tar`, which every registry and engine can be given.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::command::release::plan::Release;
use crate::docker::{Engine, base_image};
use crate::needs::{self, Need};
use crate::{paths, process, ui};

const SKOPEO: &[Need] = &[Need::program("skopeo", "writes the image as an archive in the OCI's form", &["skopeo"])];
/// Where the binary is in the image.
const BINARY: &str = "/usr/local/bin/hearth";
/// Where Debian's programs have their licences.
const DOCUMENTS: &str = "/usr/share/doc/";

/// The engine that builds the image.
pub(super) fn engine(release: &Release) -> Result<Engine> {
    let engine = Engine::find_or_start().context("a release has an image, and `--without-image` leaves it out")?;
    needs::ensure(SKOPEO)?;
    if release.rehearsal {
        base_image::ensure(&engine)?;
    }
    Ok(engine)
}

/// Builds the image, writes it into the release and answers where the binary out of it is.
pub(super) fn make(release: &Release, engine: &Engine, licences: &Path) -> Result<PathBuf> {
    ui::step("building the image");
    let built = build(release, engine)?;
    let container = Container::of(engine, &built)?;
    let binary = release.work.join("hearth");
    process::run(engine.docker().arg("cp").arg(container.path(BINARY)).arg(&binary))?;
    let documents = release.work.join("hearth-documents");
    fs::create_dir_all(&documents).with_context(|| format!("creating {}", documents.display()))?;
    for file in [licences, &paths::in_root("LICENSE")] {
        fs::copy(file, documents.join(file.file_name().unwrap_or_default())).context("copying the licences")?;
    }
    process::run(engine.docker().arg("cp").arg(&documents).arg(container.path(&format!("{DOCUMENTS}hearth"))))?;
    let name = format!("hearth:{}", release.version);
    let mut commit = engine.docker();
    commit.args(["commit", "--message", "licences and labels"]);
    for (label, value) in labels(release) {
        commit.arg("--change").arg(format!("LABEL org.opencontainers.image.{label}=\"{value}\""));
    }
    process::run(commit.args([&container.id, &name]))?;
    check(release, engine, &name)?;
    write(release, engine, &name)?;
    Ok(binary)
}

/// Builds this repository's Dockerfile and gives back the image's identity.
fn build(release: &Release, engine: &Engine) -> Result<String> {
    let id = release.work.join("image.id");
    let mut build = engine.docker();
    build.arg("build").arg("--iidfile").arg(&id);
    if !release.rehearsal {
        // Debian's newest, with its latest corrections, and not an image that somebody made here under its name.
        build.arg("--pull");
    }
    process::run(build.arg(paths::root()))?;
    let text = fs::read_to_string(&id).context("reading the image's identity")?;
    Ok(text.trim().to_owned())
}

fn labels(release: &Release) -> [(&'static str, &str); 5] {
    [
        ("title", "Hearth"),
        ("version", release.version),
        ("revision", &release.commit),
        ("created", &release.time),
        ("licenses", env!("CARGO_PKG_LICENSE")),
    ]
}

/// The image starts and is of this version.
fn check(release: &Release, engine: &Engine, name: &str) -> Result<()> {
    let answer = process::read(engine.docker().args(["run", "--rm", name, "--version"]))?;
    if answer.trim() == format!("hearth {}", release.version) {
        return Ok(());
    }
    bail!("the image says that it is `{}`", answer.trim())
}

fn write(release: &Release, engine: &Engine, name: &str) -> Result<()> {
    ui::step("writing the image");
    // By way of a file: skopeo does not find every engine that docker finds.
    let saved = release.work.join("image.tar");
    process::run(engine.docker().args(["save", "--output"]).arg(&saved).arg(name))?;
    let archive = release.file(".oci.tar");
    let mut skopeo = process::command("skopeo");
    // The policy says whose images may be fetched; this one was made here.
    skopeo.args(["--insecure-policy", "copy", "--quiet"]);
    skopeo.arg(format!("docker-archive:{}", saved.display()));
    process::run(skopeo.arg(format!("oci-archive:{}:{}", archive.display(), release.version)))?;
    fs::remove_file(&saved).with_context(|| format!("removing {}", saved.display()))
}

/// A container that is never started: a way to an image's files. It is removed with the value.
struct Container<'a> {
    engine: &'a Engine,
    id: String,
}

impl<'a> Container<'a> {
    fn of(engine: &'a Engine, image: &str) -> Result<Self> {
        let id = process::read(engine.docker().args(["create", image]))?.trim().to_owned();
        Ok(Self { engine, id })
    }

    /// How `docker cp` calls a path inside.
    fn path(&self, path: &str) -> String {
        format!("{}:{path}", self.id)
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        if let Err(error) = process::read(self.engine.docker().args(["rm", "--volumes", &self.id])) {
            ui::warn(&format!("removing a container: {error:#}"));
        }
    }
}
