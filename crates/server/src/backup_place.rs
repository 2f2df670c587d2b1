//! Where backups are: a folder of this machine, or a bucket.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use backup::{Fault, Folder};
use backup_s3::{Access, Address, Bucket};
use zeroize::Zeroizing;

/// A folder or a bucket, by the name that whoever runs the server has given.
#[derive(Clone, Debug)]
pub(crate) enum BackupPlace {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, and by what it is opened.
    Bucket(Address, Access),
}

impl BackupPlace {
    /// What `name` says. `settings` are read for a bucket alone.
    ///
    /// # Errors
    /// It begins as a bucket and is none, or no key is set for it.
    pub(crate) fn named(name: &Path, settings: impl FnOnce() -> Result<config::Backup>) -> Result<Self> {
        let Some(text) = name.to_str() else { return Ok(Self::Folder(name.to_owned())) };
        let Some(address) = Address::parse(text).with_context(|| format!("{text:?}"))? else {
            return Ok(Self::Folder(name.to_owned()));
        };
        let settings = settings()?;
        let (Some(access_key), Some(secret_key)) = (settings.s3_access_key, settings.s3_secret_key) else {
            bail!(
                "a bucket needs backup.s3_access_key and backup.s3_secret_key: HEARTH_BACKUP_S3_ACCESS_KEY and HEARTH_BACKUP_S3_SECRET_KEY"
            );
        };
        let (endpoint, region) = (settings.s3_endpoint, settings.s3_region);
        Ok(Self::Bucket(address, Access { endpoint, region, access_key, secret_key: Zeroizing::new(secret_key) }))
    }

    /// Opens it to write the backups of the server whose data folder is `data`.
    ///
    /// # Errors
    /// As [`Folder::to_write`].
    pub(crate) fn to_write(&self, data: &Path) -> Result<Folder, Fault> {
        match self {
            Self::Folder(path) => Folder::to_write(path),
            Self::Bucket(address, access) => Folder::of_bucket(bucket(address, access)?, &self.notes(data)),
        }
    }

    /// Opens it to read.
    ///
    /// # Errors
    /// As [`Folder::to_read`].
    pub(crate) fn to_read(&self) -> Result<Folder, Fault> {
        match self {
            Self::Folder(path) => Folder::to_read(path),
            Self::Bucket(address, access) => Folder::of_bucket_to_read(bucket(address, access)?),
        }
    }

    /// The folder for what is noted down of the backups of the server whose data folder is `data`.
    pub(crate) fn notes(&self, data: &Path) -> PathBuf {
        match self {
            Self::Folder(path) => path.clone(),
            Self::Bucket(..) => data.join("backup"),
        }
    }

    /// Whether others on the way there can read what is sent.
    pub(crate) fn is_open_to_read(&self) -> bool {
        matches!(self, Self::Bucket(_, access) if access.is_open_to_read())
    }
}

fn bucket(address: &Address, access: &Access) -> Result<Arc<Bucket>, Fault> {
    let opened = Bucket::new(address.clone(), access);
    opened.map(Arc::new).map_err(|error| Fault::Io { path: address.to_string().into(), error })
}
