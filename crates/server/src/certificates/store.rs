//! What is kept of certificates in the data folder, `https/`: the account with the authority, and the newest certificate with its key; or
//! the root of a server at home with its key.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use instant_acme::AccountCredentials;
use serde::{Deserialize, Serialize};

use super::certificate::Certificate;
use crate::secret_file::replace_secret;

/// The folder.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

/// An account belongs to the authority that gave it.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    directory: String,
    credentials: T,
}

impl Store {
    /// The folder, which is made if need be.
    pub(crate) fn open(folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self { folder })
    }

    /// The folder, for whoever only looks at what is in it.
    pub(crate) fn to_read(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The account with that authority, if there is one.
    pub(crate) fn account(&self, directory: &str) -> Result<Option<AccountCredentials>> {
        let path = self.folder.join("account.json");
        let Some(text) = read(&path)? else { return Ok(None) };
        let kept: Kept<AccountCredentials> =
            serde_json::from_str(&text).with_context(|| format!("{} does not read", path.display()))?;
        Ok((kept.directory == directory).then_some(kept.credentials))
    }

    pub(crate) fn keep_account(&self, directory: &str, credentials: &AccountCredentials) -> Result<()> {
        let kept = Kept { directory: directory.to_owned(), credentials };
        replace_secret(&self.folder.join("account.json"), &serde_json::to_vec(&kept)?)
    }

    /// The newest certificate, if there is one.
    pub(crate) fn certificate(&self) -> Result<Option<Certificate>> {
        let path = self.folder.join("certificate.pem");
        // Both stand in one file, so that they always belong together.
        read(&path)?
            .map(|text| Certificate::read(text.as_bytes(), text.as_bytes()).with_context(|| path.display().to_string()))
            .transpose()
    }

    pub(crate) fn keep_certificate(&self, chain: &str, key: &str) -> Result<()> {
        replace_secret(&self.folder.join("certificate.pem"), format!("{chain}\n{key}").as_bytes())
    }

    /// The root of a server at home and its key, in PEM, if there is one.
    pub(crate) fn root(&self) -> Result<Option<String>> {
        read(&self.folder.join("root.pem"))
    }

    pub(crate) fn keep_root(&self, root: &str) -> Result<()> {
        replace_secret(&self.folder.join("root.pem"), root.as_bytes())
    }
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}
