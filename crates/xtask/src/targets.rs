//! Target folders, which all clones on a machine share.
//!
//! Cargo tells by time alone whether a source has changed since it was compiled, and the packages of two clones have
//! the same names in a target folder. What another clone compiled, of other sources perhaps, would pass for this one's.
//! So a folder says which clone used it last, and for another one the repository's own packages are compiled anew.
//! All others stay, RocksDB first of all.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::{packages, paths};

/// Names the clone that used a target folder last.
const OWNER: &str = "used-by";
/// Hexadecimal digits behind the package's name in the name of a fingerprint.
const HASH_DIGITS: usize = 16;

/// The target folder of the native workspace: the caller's, or the shared one.
pub(crate) fn native() -> Result<PathBuf> {
    let target = match env::var_os("CARGO_TARGET_DIR") {
        Some(own) => paths::root().join(own),
        None => paths::cache("target")?,
    };
    claim(&target, Path::new("."))?;
    Ok(target)
}

/// The server's binary, after a build.
pub(crate) fn server_binary() -> Result<PathBuf> {
    Ok(native()?.join("release/hearth"))
}

/// The target folder of the web client.
pub(crate) fn web() -> Result<PathBuf> {
    shared("web-target", "web-client")
}

/// The target folder of the clients that test the server.
pub(crate) fn clients() -> Result<PathBuf> {
    shared("clients-target", "tests/clients/rust")
}

fn shared(name: &str, workspace: &str) -> Result<PathBuf> {
    let target = paths::cache(name)?;
    claim(&target, Path::new(workspace))?;
    Ok(target)
}

/// Makes the folder this clone's. `workspace` is the folder in the repository that is compiled into it.
fn claim(target: &Path, workspace: &Path) -> Result<()> {
    let owner = target.join(OWNER);
    let root = paths::root();
    if fs::read(&owner).is_ok_and(|last| last == root.as_os_str().as_encoded_bytes()) {
        return Ok(());
    }
    forget(target, &packages::names(&root.join(workspace))?)?;
    fs::create_dir_all(target).with_context(|| format!("creating {}", target.display()))?;
    fs::write(&owner, root.as_os_str().as_encoded_bytes()).with_context(|| format!("writing {}", owner.display()))
}

/// Takes away by what cargo knows these packages, in all profiles and for all machines compiled for.
fn forget(target: &Path, packages: &[String]) -> Result<()> {
    // A profile's folder lies in the target folder, or in one for the machine that is compiled for.
    let outer = folders_in(target);
    let inner: Vec<_> = outer.iter().flat_map(|folder| folders_in(folder)).collect();
    for profile in outer.iter().chain(&inner) {
        for known in folders_in(&profile.join(".fingerprint")).iter().filter(|known| is_of(known, packages)) {
            fs::remove_dir_all(known).with_context(|| format!("removing {}", known.display()))?;
        }
    }
    Ok(())
}

/// None when it is not there.
fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn is_of(known: &Path, packages: &[String]) -> bool {
    let name = known.file_name().unwrap_or_default().to_string_lossy();
    name.rsplit_once('-')
        .is_some_and(|(package, hash)| hash.len() == HASH_DIGITS && packages.iter().any(|own| own == package))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{folders_in, forget};

    #[test]
    fn only_the_repositorys_own_packages_are_forgotten() {
        let target = tempfile::tempdir().unwrap();
        let own = ["release/.fingerprint/event-log-0123456789abcdef", "wasm32/fast/.fingerprint/api-0123456789abcdef"];
        let others =
            ["release/.fingerprint/event-log-rocksdb-0123456789abcdef", "release/.fingerprint/anyhow-0123456789abcdef"];
        for folder in own.iter().chain(&others) {
            fs::create_dir_all(target.path().join(folder)).unwrap();
        }
        forget(target.path(), &["event-log".to_owned(), "api".to_owned()]).unwrap();
        assert!(own.iter().all(|folder| !target.path().join(folder).exists()));
        assert!(others.iter().all(|folder| target.path().join(folder).exists()));
        assert!(folders_in(&target.path().join("nowhere")).is_empty());
    }
}
