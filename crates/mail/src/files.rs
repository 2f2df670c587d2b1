//! A folder with one file for each wish. A file is there whole or not at all, and nobody but its owner reads it.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use crate::wish::Wish;

/// What a file ends with that is not whole yet.
const UNFINISHED: &str = "new";
const FINISHED: &str = "json";

/// Makes the folder if need be, and reads what waits in it: at most so many, of at most so many bytes each. What is none of ours or does not
/// read is left alone and counted, for whoever looks after the folder.
pub(crate) fn open(folder: &Path, wishes_max: usize, bytes_max: usize) -> io::Result<(BTreeMap<String, Wish>, usize)> {
    make(folder)?;
    let (mut wishes, mut unread) = (BTreeMap::new(), 0);
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let name = path.file_stem().and_then(|name| name.to_str()).map(str::to_owned);
        match (extension, name) {
            // Nobody was told that it waits.
            (Some(UNFINISHED), _) => fs::remove_file(&path)?,
            (Some(FINISHED), Some(name)) if wishes.len() < wishes_max => match read(&path, bytes_max) {
                Some(wish) => drop(wishes.insert(name, wish)),
                None => unread += 1,
            },
            _ => unread += 1,
        }
    }
    Ok((wishes, unread))
}

fn read(path: &Path, bytes_max: usize) -> Option<Wish> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(bytes_max as u64 + 1).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Writes a wish, and returns when it would outlive a loss of power.
pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path(folder, name, UNFINISHED);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, path(folder, name, FINISHED))?;
        sync(folder)
    });
    if written.is_err() {
        // A disk that is full may have kept a part.
        let _not_there = fs::remove_file(&unfinished);
    }
    written
}

/// Forgets a wish. If the power goes, it may be there once more: then its message is sent twice, and is the same.
pub(crate) fn remove(folder: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(path(folder, name, FINISHED)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Makes what was removed outlive a loss of power.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Takes the folder away with all that waits in it, and says how many files those were. One that is not there has none.
pub(crate) fn remove_all(folder: &Path) -> io::Result<usize> {
    let number = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?.count(),
    };
    fs::remove_dir_all(folder)?;
    Ok(number)
}

fn path(folder: &Path, name: &str, extension: &str) -> PathBuf {
    folder.join(format!("{name}.{extension}"))
}

fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}
