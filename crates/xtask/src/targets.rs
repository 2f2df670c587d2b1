//! Target folders, which all clones on a machine share, so that each dependency is compiled once a machine.
//!
//! Cargo tells by time alone whether a source has changed since it was compiled, and the packages of two clones have
//! the same names in a target folder. What another clone compiled, of other sources perhaps, would pass for this one's.
//! So one clone at a time has the folders, and when another takes them, the repository's own packages are compiled anew.

use std::env;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

use crate::needs::wasm;
use crate::{cargo, lock, packages, paths, process, ui};

/// Names the clone that has the folders.
const OWNER: &str = "used-by";
/// Held by each process that uses the folders: shared among those of one clone, alone by one that takes them over.
const LOCK: &str = "used-by.lock";

/// A workspace of this repository, and the profiles (with the targets other than this machine) in which it is compiled.
struct Workspace {
    /// The target folder's name in the cache.
    target: &'static str,
    /// From the root.
    folder: &'static str,
    profiles: &'static [(&'static str, Option<&'static str>)],
}

const NATIVE: Workspace =
    Workspace { target: "target", folder: ".", profiles: &[("dev", None), ("release", None), ("dist", None)] };
const WEB: Workspace = Workspace {
    target: "web-target",
    folder: "web-client",
    profiles: &[("dev", None), ("tool", None), ("fast", Some(wasm::TARGET)), ("release", Some(wasm::TARGET))],
};
const CLIENTS: Workspace = Workspace { target: "clients-target", folder: "tests/clients/rust", profiles: &[("dev", None)] };

/// Its target is named, so that what is compiled for it stands apart from what is compiled for this machine's compiler.
const FUZZ: Workspace = Workspace { target: "fuzz-target", folder: "fuzz", profiles: &[("dev", Some(MACHINE))] };

/// How a program that is run is optimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Crate by crate.
    Release,
    /// As one program, which takes minutes more.
    Dist,
}

impl Profile {
    /// The name that cargo knows it by, which is also that of its folder.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dist => "dist",
        }
    }
}

/// The compiler's name for this kind of machine.
pub(crate) const MACHINE: &str =
    if cfg!(target_arch = "aarch64") { "aarch64-unknown-linux-gnu" } else { "x86_64-unknown-linux-gnu" };

/// The target folder of the native workspace: the caller's, or the shared one.
pub(crate) fn native() -> Result<PathBuf> {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(own) => Ok(paths::root().join(own)),
        None => shared(&NATIVE),
    }
}

/// The server's binary, after a build.
pub(crate) fn server_binary(profile: Profile) -> Result<PathBuf> {
    Ok(native()?.join(profile.name()).join("hearth"))
}

/// The target folder of the web client.
pub(crate) fn web() -> Result<PathBuf> {
    shared(&WEB)
}

/// The target folder of the clients that test the server.
pub(crate) fn clients() -> Result<PathBuf> {
    shared(&CLIENTS)
}

/// The target folder of what is fuzzed.
pub(crate) fn fuzz() -> Result<PathBuf> {
    shared(&FUZZ)
}

fn shared(workspace: &Workspace) -> Result<PathBuf> {
    /// Until the process ends.
    static HELD: Mutex<Option<File>> = Mutex::new(None);
    let cache = paths::cache("")?;
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    if held.is_none() {
        let take_over = || [NATIVE, WEB, CLIENTS, FUZZ].iter().try_for_each(|workspace| forget_in(&cache, workspace));
        *held = Some(claim(&cache, paths::root().as_os_str().as_encoded_bytes(), take_over)?);
    }
    paths::cache(workspace.target)
}

/// Takes away what was compiled of the repository's own packages for what ships.
pub(crate) fn forget_own() -> Result<()> {
    let cache = paths::cache("")?;
    [NATIVE, WEB].iter().try_for_each(|workspace| forget_in(&cache, workspace))
}

fn forget_in(cache: &Path, workspace: &Workspace) -> Result<()> {
    let target = cache.join(workspace.target);
    if !target.is_dir() {
        return Ok(());
    }
    forget(&target, &paths::root().join(workspace.folder), workspace.profiles)
}

/// Makes the folders in `cache` the clone's, and keeps all others away as long as the result lives. `take_over` makes them fit
/// for it.
fn claim(cache: &Path, clone: &[u8], take_over: impl Fn() -> Result<()>) -> Result<File> {
    let (owner, lock) = (cache.join(OWNER), cache.join(LOCK));
    let file = File::create(&lock).with_context(|| format!("creating {}", lock.display()))?;
    loop {
        file.lock_shared().context("sharing the target folders")?;
        if fs::read(&owner).is_ok_and(|last| last == clone) {
            return Ok(file);
        }
        file.unlock()?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            ui::note("another clone is building with the same cache; waiting for it (HEARTH_CACHE names another one)");
            file.lock().context("waiting for the target folders")?;
        }
        // Without its owner's name a folder belongs to nobody, should this be interrupted half-way.
        if owner.exists() {
            fs::remove_file(&owner).with_context(|| format!("removing {}", owner.display()))?;
        }
        take_over()?;
        fs::write(&owner, clone).with_context(|| format!("writing {}", owner.display()))?;
        file.unlock()?;
    }
}

/// Takes away what was compiled of the workspace's own packages; everything else stays.
fn forget(target: &Path, workspace: &Path, profiles: &[(&str, Option<&str>)]) -> Result<()> {
    // The lock file also names what a workspace takes from another one of this repository.
    let own = match fs::read_to_string(workspace.join("Cargo.lock")) {
        Ok(lock) => lock::own_packages(&lock),
        Err(_) => packages::names(workspace)?,
    };
    for (profile, machine) in profiles {
        let mut clean = cargo::command("clean");
        clean.current_dir(workspace).args(["--quiet", "--profile", profile]).arg("--target-dir").arg(target);
        clean.args(machine.iter().flat_map(|machine| ["--target", machine]));
        process::run(clean.args(own.iter().flat_map(|package| ["--package", package])))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use super::{claim, forget};
    use crate::{cargo, process};

    fn write(folder: &Path, file: &str, text: &str) {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Two clones with the same packages and different sources, the newer clone's compiled first.
    #[test]
    fn another_clones_program_never_passes_for_this_ones() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        let clone = |name: &str, says: &str| {
            let clone = folder.path().join(name);
            let manifest = "[workspace]\nmembers = [\"said\"]\n[package]\nname = \"speaks\"\nedition = \"2024\"\n\
                            [dependencies]\nsaid = { path = \"said\" }\n";
            write(&clone, "Cargo.toml", manifest);
            write(&clone, "src/main.rs", "fn main() { print!(\"{}\", said::SAID) }");
            write(&clone, "said/Cargo.toml", "[package]\nname = \"said\"\nedition = \"2024\"\n");
            write(&clone, "said/src/lib.rs", &format!("pub const SAID: &str = \"{says}\";"));
            clone
        };
        let run = |clone: &Path| {
            let mut cargo = process::command(cargo::program());
            cargo.args(["run", "--quiet", "--offline"]).current_dir(clone).env("CARGO_TARGET_DIR", &target);
            process::read(&mut cargo).unwrap()
        };
        let (older, newer) = (clone("older", "old"), clone("newer", "new"));
        assert_eq!(run(&newer), "new");
        forget(&target, &older, &[("dev", None)]).unwrap();
        assert_eq!(run(&older), "old");
        forget(&target, &newer, &[("dev", None)]).unwrap();
        assert_eq!(run(&newer), "new");
    }

    #[test]
    fn the_folders_are_taken_over_once_and_never_under_a_build() {
        let cache = tempfile::tempdir().unwrap();
        let taken = AtomicU32::new(0);
        let take = |clone: &[u8]| {
            let take_over = || {
                taken.fetch_add(1, Ordering::SeqCst);
                Ok(())
            };
            claim(cache.path(), clone, take_over).unwrap()
        };
        let first = take(b"one");
        let again = take(b"one");
        assert_eq!(taken.load(Ordering::SeqCst), 1);
        thread::scope(|scope| {
            let other = scope.spawn(|| take(b"two"));
            drop(first);
            assert_eq!(taken.load(Ordering::SeqCst), 1, "taken while another build of its owner was running");
            drop(again);
            drop(other.join().unwrap());
        });
        assert_eq!(taken.load(Ordering::SeqCst), 2);
        drop(take(b"one"));
        assert_eq!(taken.load(Ordering::SeqCst), 3);
    }
}
