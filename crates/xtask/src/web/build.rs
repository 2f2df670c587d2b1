//! The web client from its sources to a folder that a server can serve.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::hash::Hasher;
use crate::jobs::{Job, Priority, Report};
use crate::needs::wasm;
use crate::web::pack::{self, Extras};
use crate::web::size::Sizes;
use crate::{lint, paths, process, targets};

/// Goes up when the way of packing changes, so that older results no longer count.
const PACKING_VERSION: &str = "5";
/// How many earlier builds the cache keeps.
const KEPT_BUILDS: usize = 4;
/// The file in a packed client that says which inputs it was made from.
const STAMP: &str = ".stamp";
/// What of web-client no build reads.
const NOT_INPUTS: &[&str] = &["README.md", "deny.toml", "dist", "dist-fast", "node_modules", "state/tests", "target"];
/// The program that writes the JavaScript around the module.
const BINDGEN: &str = "hearth-web-bindgen";
/// The profile in which that program is compiled.
const TOOL: &str = "tool";

/// The job that compiles [`BINDGEN`].
pub(crate) const BIND: &str = "wasm-bindgen";
/// The job that compiles the client.
const COMPILE: &str = "web client";
/// The job after which the client is there.
pub(crate) const PACK: &str = "packing";

/// How the client is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// What ships: smallest.
    Release,
    /// There sooner, larger and slower: for work on the client itself.
    Fast,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Fast => "fast",
        }
    }

    /// Where the packed client lies, from the root.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Release => "web-client/dist",
            Self::Fast => "web-client/dist-fast",
        }
    }
}

/// One build of the client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    profile: Profile,
    /// The hash of everything that is built into it.
    inputs: String,
    purpose: Use,
}

/// What a client is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// To be served.
    Served,
    /// To be tested: it is what ships, compiled by a compiler that lints, so that lints cost no second compilation.
    Tested,
    /// To be worked on: its page loads itself anew when there is another.
    Watched,
}

impl Client {
    /// The client as its sources are now.
    pub(crate) fn new(profile: Profile) -> Result<Self> {
        Self::for_use(profile, Use::Served)
    }

    /// The client as it ships, linted.
    pub(crate) fn tested() -> Result<Self> {
        Self::for_use(Profile::Release, Use::Tested)
    }

    /// A client whose page loads itself anew when it has changed.
    pub(crate) fn watched() -> Result<Self> {
        Self::for_use(Profile::Fast, Use::Watched)
    }

    fn for_use(profile: Profile, purpose: Use) -> Result<Self> {
        Ok(Self { profile, purpose, inputs: hash_of_inputs(profile, purpose)? })
    }

    fn dist(&self) -> PathBuf {
        paths::in_root(self.profile.folder())
    }

    /// Whether nothing needs to be built; what an earlier build left in the cache is put in its place.
    pub(crate) fn is_up_to_date(&self) -> Result<bool> {
        let stamp = fs::read_to_string(self.dist().join(STAMP)).unwrap_or_default();
        let good = self.good()?;
        if good.contains(&stamp) {
            return Ok(true);
        }
        let cache = paths::cache("web-dist")?;
        let Some(kept) = good.iter().map(|inputs| cache.join(inputs)).find(|kept| kept.join(STAMP).is_file()) else {
            return Ok(false);
        };
        replace(&self.dist(), &kept)?;
        Ok(true)
    }

    /// The inputs of every build that may stand in its place: what was linted is served as well.
    fn good(&self) -> Result<Vec<String>> {
        let mut good = vec![self.inputs.clone()];
        if self.purpose == Use::Served {
            good.push(hash_of_inputs(self.profile, Use::Tested)?);
        }
        Ok(good)
    }

    /// Installs what compiling needs; to be done before the jobs, because it may ask for a password.
    pub(crate) fn prepare(&self) -> Result<()> {
        wasm::for_web().map(drop)
    }

    /// Compiling and packing; [`bindgen`] must be among the jobs too.
    pub(crate) fn jobs<'a>(&self) -> Vec<Job<'a>> {
        let packed = self.clone();
        let packing = Job::new(PACK, Priority::First, &[COMPILE, BIND], move |report| packed.pack(report));
        vec![self.compilation(), packing]
    }

    /// Compiling alone.
    pub(crate) fn compilation<'a>(&self) -> Job<'a> {
        let compiled = self.clone();
        Job::new(COMPILE, Priority::First, &[], move |report| compiled.compile(report))
    }

    fn compile(&self, report: &Report) -> Result<()> {
        let toolchain = wasm::for_web()?;
        let mut cargo = toolchain.web_cargo("build", &targets::web()?);
        cargo.current_dir(paths::in_root("web-client"));
        cargo.args(["--locked", "--package", "hearth-web", "--profile", self.profile.name()]);
        if self.profile == Profile::Release {
            toolchain.without_panic_words(&mut cargo);
        }
        if self.purpose == Use::Tested {
            lint::with(&mut cargo, &toolchain.clippy_driver()?);
        }
        report.run(&mut cargo)
    }

    fn pack(&self, report: &Report) -> Result<()> {
        let target = targets::web()?;
        let module = target.join(wasm::TARGET).join(self.profile.name()).join("hearth-web.wasm");
        let glue = paths::cache("web-glue")?.join(self.profile.name());
        empty(&glue)?;
        report.say("binding");
        report.run(process::command(target.join(TOOL).join(BINDGEN)).arg(module).arg(&glue))?;
        let fresh = self.dist().with_extension("new");
        empty(&fresh)?;
        let extras = Extras { reloads: self.purpose == Use::Watched, compresses: self.profile == Profile::Release };
        if extras.compresses {
            report.say("compressing");
        }
        pack::pack(&glue, &paths::in_root("web-client"), &fresh, extras)?;
        fs::write(fresh.join(STAMP), &self.inputs).context("writing the stamp")?;
        let cache = paths::cache("web-dist")?;
        replace(&cache.join(&self.inputs), &fresh)?;
        prune(&cache)?;
        swap(&self.dist(), &fresh)
    }

    /// Says how large what a browser downloads is.
    pub(crate) fn report(&self) -> Result<()> {
        if self.profile == Profile::Release {
            Sizes::of(&self.dist())?.tell();
        }
        Ok(())
    }
}

/// The job that compiles the program by which clients are packed.
pub(crate) fn bindgen<'a>() -> Job<'a> {
    Job::new(BIND, Priority::Patient, &[], |report: &Report| report.run(&mut bindgen_cargo("build")?))
}

/// `cargo <subcommand>` of the program by which clients are packed.
fn bindgen_cargo(subcommand: &str) -> Result<Command> {
    let mut cargo = wasm::for_web()?.native_cargo(subcommand, &targets::web()?);
    cargo.current_dir(paths::in_root("web-client")).args(["--locked", "--package", BINDGEN, "--profile", TOOL]);
    Ok(cargo)
}

/// `cargo test` of the program by which clients are packed, by a compiler that lints.
pub(crate) fn bindgen_tests() -> Result<Command> {
    let mut cargo = bindgen_cargo("test")?;
    lint::with(&mut cargo, &wasm::for_web()?.clippy_driver()?);
    Ok(cargo)
}

fn hash_of_inputs(profile: Profile, purpose: Use) -> Result<String> {
    let folder = paths::in_root("web-client");
    let mut hasher = Hasher::new();
    hasher.add("packing", PACKING_VERSION.as_bytes());
    hasher.add("profile", profile.name().as_bytes());
    hasher.add("purpose", &[purpose as u8]);
    for file in inputs()? {
        let name = file.strip_prefix(&folder).unwrap_or(&file).to_string_lossy().into_owned();
        hasher.add_file(&name, &file)?;
    }
    Ok(hasher.short())
}

/// The files that a build reads.
pub(crate) fn inputs() -> Result<Vec<PathBuf>> {
    let folder = paths::in_root("web-client");
    let skip = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let own = path.strip_prefix(&folder).unwrap_or(path);
        name.starts_with('.') || name.ends_with(".new") || NOT_INPUTS.iter().any(|other| own == Path::new(other))
    };
    paths::files_below(&folder, &skip)
}

fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))
}

/// Makes `to` a copy of `from`.
fn replace(to: &Path, from: &Path) -> Result<()> {
    let fresh = to.with_extension("new");
    empty(&fresh)?;
    for file in paths::files_below(from, &|_| false)? {
        let target = fresh.join(file.strip_prefix(from).unwrap_or(&file));
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::copy(&file, &target).with_context(|| format!("copying to {}", target.display()))?;
    }
    swap(to, &fresh)
}

/// Puts `fresh` into the place of `to`, which is never seen half written.
fn swap(to: &Path, fresh: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("removing {}", to.display()))?;
    }
    fs::rename(fresh, to).with_context(|| format!("putting {} in its place", to.display()))
}

/// Removes all but the newest builds from the cache.
fn prune(cache: &Path) -> Result<()> {
    let mut builds = Vec::new();
    for entry in fs::read_dir(cache)? {
        let entry = entry?;
        builds.push((entry.metadata()?.modified()?, entry.path()));
    }
    builds.sort();
    for (_, path) in builds.iter().rev().skip(KEPT_BUILDS) {
        fs::remove_dir_all(path).with_context(|| format!("removing {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Client, Profile};

    #[test]
    fn what_was_linted_is_served_and_nothing_else_passes_for_linted() {
        let (served, tested) = (Client::new(Profile::Release).unwrap(), Client::tested().unwrap());
        let (sooner, watched) = (Client::new(Profile::Fast).unwrap(), Client::watched().unwrap());
        assert!(served.good().unwrap().contains(&tested.inputs));
        assert_eq!(tested.good().unwrap(), std::slice::from_ref(&tested.inputs));
        for (one, other) in [(&served, &sooner), (&sooner, &watched), (&watched, &served)] {
            assert!(!one.good().unwrap().contains(&other.inputs));
        }
    }
}
