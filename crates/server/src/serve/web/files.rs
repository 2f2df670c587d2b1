//! Where the web client's files come from.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs, io,
    path::{Component, Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Result, bail};
use bytes::Bytes;
use parking_lot::Mutex;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

/// What `cargo xtask web` builds, with `.br` and `.gz` beside what gains from it.
#[derive(RustEmbed)]
#[folder = "../../web-client/dist"]
#[allow_missing = true]
struct Embedded;

/// A source of files. However many clients are sent a file at once, its bytes are in memory once.
pub(in crate::serve) enum Files {
    /// The binary itself.
    Embedded,
    /// A folder whose files can change under a running server.
    Folder(Folder),
}

/// One file. A clone shares the bytes.
#[derive(Clone)]
pub(super) struct File {
    pub(super) data: Bytes,
    pub(super) sha256: [u8; 32],
}

/// A folder, and those of its files that were asked for, as they were last read.
pub(in crate::serve) struct Folder {
    path: PathBuf,
    read: Mutex<HashMap<PathBuf, (Stamp, File)>>,
}

/// By what a file is known to be unchanged.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    changed: SystemTime,
    bytes: u64,
}

impl Stamp {
    fn of(path: &Path) -> io::Result<Self> {
        let about = fs::metadata(path)?;
        Ok(Self { changed: about.modified()?, bytes: about.len() })
    }
}

impl Folder {
    /// The file as it is now.
    fn get(&self, inside: &Path) -> Option<File> {
        // Held while reading, so that a file that many ask for at once is read once.
        let mut read = self.read.lock();
        let file = Self::read(&self.path.join(inside), read.get(inside));
        match file {
            Ok(kept) => {
                let file = kept.1.clone();
                read.insert(inside.to_owned(), kept);
                Some(file)
            }
            Err(_gone) => {
                read.remove(inside);
                None
            }
        }
    }

    fn read(path: &Path, before: Option<&(Stamp, File)>) -> io::Result<(Stamp, File)> {
        // Before the bytes: a file that changes in between is read again the next time.
        let stamp = Stamp::of(path)?;
        if let Some((_, file)) = before.filter(|(before, _)| *before == stamp) {
            return Ok((stamp, file.clone()));
        }
        let data = fs::read(path)?;
        Ok((stamp, File { sha256: Sha256::digest(&data).into(), data: data.into() }))
    }
}

impl Files {
    /// The folder that was named, or what is in the binary.
    ///
    /// # Errors
    /// when the folder holds no web client.
    pub(in crate::serve) fn open(folder: Option<PathBuf>) -> Result<Self> {
        let Some(folder) = folder else { return Ok(Self::Embedded) };
        if !folder.join("index.html").is_file() {
            bail!("server.web_client: {} holds no index.html; `cargo xtask web` builds a web client", folder.display());
        }
        Ok(Self::Folder(Folder { path: folder, read: Mutex::default() }))
    }

    /// The file at a path relative to the client's top.
    pub(super) fn get(&self, path: &str) -> Option<File> {
        match self {
            Self::Embedded => {
                let file = Embedded::get(path)?;
                let data = match file.data {
                    Cow::Borrowed(data) => Bytes::from_static(data),
                    Cow::Owned(data) => data.into(),
                };
                Some(File { data, sha256: file.metadata.sha256_hash() })
            }
            Self::Folder(folder) => folder.get(inside(path)?),
        }
    }
}

/// The path if it stays in the folder that it is relative to, and passes through nothing hidden.
fn inside(path: &str) -> Option<&Path> {
    let path = Path::new(path);
    let stays = |component: Component<'_>| match component {
        Component::Normal(name) => !name.as_encoded_bytes().starts_with(b"."),
        _ => false,
    };
    (path.components().count() > 0 && path.components().all(stays)).then_some(path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Files;

    #[test]
    fn a_folder_gives_its_own_files_and_no_others() {
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("dist");
        fs::create_dir_all(folder.join("app")).unwrap();
        assert!(Files::open(Some(folder.clone())).is_err(), "an empty folder is no client");
        for (name, text) in
            [("dist/index.html", "page"), ("dist/app/a.js", "script"), ("dist/.stamp", "no"), ("secret", "no")]
        {
            fs::write(outside.path().join(name), text).unwrap();
        }
        let files = Files::open(Some(folder.clone())).unwrap();
        assert_eq!(files.get("app/a.js").unwrap().data.as_ref(), b"script");
        let before = files.get("index.html").unwrap().sha256;
        fs::write(folder.join("index.html"), "another page").unwrap();
        assert_ne!(files.get("index.html").unwrap().sha256, before);
        let absolute = outside.path().join("secret").display().to_string();
        for path in
            ["", ".", "..", "../secret", "app/../../secret", ".stamp", "app", "gone", "/secret", &absolute, "./index.html"]
        {
            assert!(files.get(path).is_none(), "{path}");
        }
    }
}
