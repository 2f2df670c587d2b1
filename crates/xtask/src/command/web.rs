//! `cargo xtask web`: the web client, compiled, packed and compressed into web-client/dist.
//!
//! A build is kept in the cache under the hash of its inputs, so that a fresh clone of the same source compiles nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::hash::Hasher;
use crate::needs::{self, wasm, wasm_bindgen};
use crate::web::{compress, pack};
use crate::{paths, process, targets, ui};

/// Goes up when the way of packing changes, so that older results no longer count.
const PACKING_VERSION: &str = "1";
/// How many earlier builds the cache keeps.
const KEPT_BUILDS: usize = 4;
/// The file in dist that says which inputs it was made from.
const STAMP: &str = ".stamp";
/// What of web-client no build reads.
const NOT_INPUTS: &[&str] = &["README.md", "dist", "dist.new", "node_modules", "state/tests", "target"];

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// Compile with the `fast` profile, for work on the client itself: larger and slower, but there sooner
    #[arg(long)]
    fast: bool,
}

impl Options {
    fn profile(&self) -> &'static str {
        if self.fast { "fast" } else { "release" }
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    build(options)?;
    report(&dist())
}

/// Brings web-client/dist up to date.
pub(crate) fn build(options: &Options) -> Result<()> {
    needs::ensure(needs::WEB)?;
    let inputs = hash_of_inputs(options)?;
    if fs::read_to_string(dist().join(STAMP)).is_ok_and(|stamp| stamp == inputs) {
        ui::note("the web client has not changed");
        return Ok(());
    }
    let kept = paths::cache("web-dist")?.join(&inputs);
    if kept.join(STAMP).is_file() {
        ui::note("the web client was built before from the same source");
        return replace(&dist(), &kept);
    }
    let fresh = paths::in_root("web-client/dist.new");
    make(options, &fresh)?;
    fs::write(fresh.join(STAMP), &inputs).context("writing the stamp")?;
    replace(&kept, &fresh)?;
    prune(&paths::cache("web-dist")?)?;
    replace(&dist(), &fresh)?;
    fs::remove_dir_all(&fresh).context("removing web-client/dist.new")?;
    report(&dist())
}

fn dist() -> PathBuf {
    paths::in_root("web-client/dist")
}

fn make(options: &Options, fresh: &Path) -> Result<()> {
    let start = Instant::now();
    let toolchain = wasm::for_web()?;
    let bindgen = wasm_bindgen::program()?;
    let target = targets::web()?;
    ui::step("compiling the web client (about 7 minutes on two cores the first time)");
    let mut cargo = toolchain.web_cargo("build", &target);
    cargo.current_dir(paths::in_root("web-client")).args([
        "--locked",
        "--package",
        "hearth-web",
        "--profile",
        options.profile(),
    ]);
    process::run(&mut cargo)?;
    ui::step("packing the web client");
    let module = target.join(wasm::TARGET).join(options.profile()).join("hearth-web.wasm");
    let glue = paths::cache("web-glue")?;
    fs::remove_dir_all(&glue).context("emptying the folder of the last build")?;
    let mut bind = process::command(bindgen);
    bind.args(["--target", "web", "--no-typescript", "--out-name", "hearth-web", "--out-dir"]).arg(&glue);
    bind.args(["--remove-name-section", "--remove-producers-section"]).arg(module);
    process::run(&mut bind)?;
    if fresh.exists() {
        fs::remove_dir_all(fresh).context("removing an unfinished web-client/dist.new")?;
    }
    pack::pack(&glue, &paths::in_root("web-client"), fresh)?;
    compress::below(fresh, options.fast)?;
    ui::note(&format!("the web client took {}", ui::seconds(start.elapsed())));
    Ok(())
}

fn hash_of_inputs(options: &Options) -> Result<String> {
    let folder = paths::in_root("web-client");
    let skip = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let own = path.strip_prefix(&folder).unwrap_or(path);
        name.starts_with('.') || NOT_INPUTS.iter().any(|other| own == Path::new(other))
    };
    let mut hasher = Hasher::new();
    hasher.add("packing", PACKING_VERSION.as_bytes());
    hasher.add("profile", options.profile().as_bytes());
    for file in paths::files_below(&folder, &skip)? {
        let name = file.strip_prefix(&folder).unwrap_or(&file).to_string_lossy().into_owned();
        hasher.add_file(&name, &file)?;
    }
    Ok(hasher.short())
}

/// Makes `to` a copy of `from`; a reader never sees half of it under its final name unless it looks at this very moment.
fn replace(to: &Path, from: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("removing {}", to.display()))?;
    }
    for file in paths::files_below(from, &|_| false)? {
        let target = to.join(file.strip_prefix(from).unwrap_or(&file));
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::copy(&file, &target).with_context(|| format!("copying to {}", target.display()))?;
    }
    Ok(())
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

/// Says how large what a browser downloads is.
fn report(dist: &Path) -> Result<()> {
    let (mut raw, mut brotli, mut gzip) = (0, 0, 0);
    for file in paths::files_below(dist, &|_| false)? {
        let size = fs::metadata(&file)?.len();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("br") => brotli += size,
            Some("gz") => gzip += size,
            Some("wasm" | "js") => raw += size,
            _ => {}
        }
    }
    let sizes = [raw, brotli, gzip].map(ui::bytes);
    ui::note(&format!(
        "web client: {} of wasm and JavaScript; over the wire {} brotli, {} gzip",
        sizes[0], sizes[1], sizes[2]
    ));
    Ok(())
}
