//! Media bytes as files, named by the SHA-256 of their content.

use std::{
    fmt::Write,
    io::{self, ErrorKind},
    path::PathBuf,
};

use bytes::Bytes;
use engine::{BlobError, BlobStore};
use sha2::{Digest, Sha256};
use tokio::{fs, io::AsyncWriteExt};

/// A blob store in one folder, with one folder for each first byte of a name.
pub(crate) struct FileBlobs {
    root: PathBuf,
}

impl FileBlobs {
    /// Blobs in `root`, which is made when the first one comes.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn path(&self, digest: &[u8; 32]) -> PathBuf {
        let mut name = String::with_capacity(64);
        for byte in digest {
            // Writing to a string does not fail.
            let _infallible = write!(name, "{byte:02x}");
        }
        self.root.join(&name[..2]).join(name)
    }
}

#[async_trait::async_trait]
impl BlobStore for FileBlobs {
    async fn put(&self, bytes: Bytes) -> Result<[u8; 32], BlobError> {
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        let path = self.path(&digest);
        if fs::try_exists(&path).await? {
            return Ok(digest);
        }
        let folder = path.parent().map(ToOwned::to_owned).unwrap_or_default();
        fs::create_dir_all(&folder).await?;
        // Written aside and renamed, so that a blob is whole or not there; two writers of one blob do no harm.
        let aside = path.with_extension(format!("{:016x}", rand::random::<u64>()));
        let written = write_synced(&aside, &bytes).await;
        if let Err(error) = written {
            let _kept = fs::remove_file(&aside).await;
            return Err(if error.kind() == ErrorKind::StorageFull { BlobError::Full } else { BlobError::Io(error) });
        }
        fs::rename(&aside, &path).await?;
        fs::File::open(&folder).await?.sync_all().await?;
        Ok(digest)
    }

    async fn get(&self, digest: &[u8; 32]) -> Result<Option<Bytes>, BlobError> {
        match fs::read(self.path(digest)).await {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

async fn write_synced(path: &std::path::Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create_new(path).await?;
    file.write_all(bytes).await?;
    file.sync_all().await
}
