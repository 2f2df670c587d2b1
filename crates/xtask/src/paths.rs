//! Where things are: the repository, and the cache in the user's home that outlives a clone.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The repository's root folder.
pub(crate) fn root() -> PathBuf {
    // This file is compiled from crates/xtask, two levels below the root.
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map_or_else(PathBuf::new, Path::to_path_buf)
}

/// A path inside the repository.
pub(crate) fn in_root(path: &str) -> PathBuf {
    root().join(path)
}

/// The cache folder `name`, created if missing. `HEARTH_CACHE` moves the whole cache.
pub(crate) fn cache(name: &str) -> Result<PathBuf> {
    let base = match (env::var_os("HEARTH_CACHE"), env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
        (Some(own), _, _) => PathBuf::from(own),
        (None, Some(caches), _) => PathBuf::from(caches).join("hearth"),
        (None, None, Some(home)) => PathBuf::from(home).join(".cache/hearth"),
        (None, None, None) => root().join("target/cache"),
    };
    let folder = base.join(name);
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    Ok(folder)
}

/// Every file below `folder`, sorted, without those for which `skip` holds (a folder that is skipped is not entered).
pub(crate) fn files_below(folder: &Path, skip: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("listing {}", next.display()))? {
            let entry = entry?;
            let path = entry.path();
            if skip(&path) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Looks a program up in `PATH`.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}
