//! Where the web client's files come from.

use std::borrow::Cow;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

/// What `cargo xtask web` builds, with `.br` and `.gz` beside what gains from it.
#[derive(RustEmbed)]
#[folder = "../../web-client/dist"]
#[allow_missing = true]
struct Embedded;

/// A source of files.
pub(in crate::serve) enum Files {
    /// The binary itself.
    Embedded,
    /// A folder, read anew for each request, so that the client can change under a running server.
    Folder(PathBuf),
}

/// One file.
pub(super) struct File {
    pub(super) data: Cow<'static, [u8]>,
    pub(super) sha256: [u8; 32],
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
        Ok(Self::Folder(folder))
    }

    /// The file at a path relative to the client's top.
    pub(super) fn get(&self, path: &str) -> Option<File> {
        match self {
            Self::Embedded => {
                let file = Embedded::get(path)?;
                Some(File { sha256: file.metadata.sha256_hash(), data: file.data })
            }
            Self::Folder(folder) => {
                let data = fs::read(folder.join(inside(path)?)).ok()?;
                Some(File { sha256: Sha256::digest(&data).into(), data: data.into() })
            }
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
