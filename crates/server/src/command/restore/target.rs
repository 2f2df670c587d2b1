//! Where a restore writes: a folder within the new data folder, whose content takes its place there when all of it is proved. What is
//! broken off leaves nothing that looks like a data folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ::backup::Fault;
use anyhow::{Context, Result, bail};

use crate::data_folder::DataFolder;

const RESTORING: &str = "restoring";
const REHEARSAL: &str = "rehearsal";
/// What is left free beside what is written, bytes: the log refuses messages when there is less.
const RESERVE_BYTES: u64 = 256 << 20;

/// Deleted when it is dropped.
pub(super) struct Target {
    /// The new data folder, and whether it was there before; nothing in a rehearsal.
    data: Option<(PathBuf, bool)>,
    aside: PathBuf,
}

impl Target {
    /// The folder at `data`, which must be empty or not there. What a restore has left that was broken off is no content.
    pub(super) fn begin(data: &Path) -> Result<Self> {
        let was_there = data.exists();
        let entries =
            if was_there { names(data).with_context(|| format!("{} cannot be read", data.display()))? } else { Vec::new() };
        if entries.iter().any(|name| name != RESTORING) {
            bail!(
                "{} is not empty, and a restore never overwrites. Name a new folder with --data, or move what is there elsewhere.",
                data.display()
            );
        }
        DataFolder::new(data).create()?;
        Self { data: Some((data.to_owned(), was_there)), aside: data.join(RESTORING) }.emptied()
    }

    /// A folder within the data folder at `data`, which nothing else is to be read from; if there is none, where temporary files lie.
    pub(super) fn scratch(data: &Path) -> Result<Self> {
        let within = if data.is_dir() { data.to_owned() } else { std::env::temp_dir() };
        Self { data: None, aside: within.join(REHEARSAL) }.emptied()
    }

    fn emptied(self) -> Result<Self> {
        match fs::remove_dir_all(&self.aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} cannot be removed", self.aside.display()));
            }
            _ => {}
        }
        DataFolder::new(&self.aside).create()?;
        Ok(self)
    }

    /// What is to be filled.
    pub(super) fn folder(&self) -> &Path {
        &self.aside
    }

    /// Puts what was filled in its place. The key of the log comes last: without it nothing is served from a log.
    pub(super) fn finish(mut self) -> Result<()> {
        let Some((data, _)) = &self.data else { return Ok(()) };
        let mut entries = names(&self.aside)?;
        entries.sort_by_key(|name| name == "log.key");
        for name in entries {
            fs::rename(self.aside.join(&name), data.join(&name))
                .with_context(|| format!("{name} cannot be put in its place in {}", data.display()))?;
        }
        fs::remove_dir(&self.aside)?;
        fs::File::open(data)?.sync_all().context("the data folder cannot be synced")?;
        self.data = None;
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next restore.
        let _left = fs::remove_dir_all(&self.aside);
        if let Some((data, false)) = &self.data {
            let _left = fs::remove_dir(data);
        }
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// Refuses to begin where the disk would be full before the end.
pub(super) fn check_room(path: &Path, bytes: u64) -> Result<()> {
    let (free, needed) = (fs4::available_space(path)?, bytes.saturating_add(RESERVE_BYTES));
    if free < needed {
        return Err(Fault::NoRoom { path: path.to_owned(), free, needed }.into());
    }
    Ok(())
}
