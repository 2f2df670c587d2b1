//! The bucket.

use std::{
    collections::BTreeMap,
    fmt,
    fs::File,
    io::{self, Read},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use backup::{Listed, Store};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use object_store::{
    BackoffConfig, MultipartUpload as _, ObjectStore as _, ObjectStoreExt as _, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};
use tempfile::TempPath;
use tokio::runtime::Runtime;

use crate::{
    address::{Access, Address},
    connection::Connector,
    words::{of_bucket, of_file},
};

/// Bytes of what is sent at once: a smaller file whole, a larger one in such parts.
const PART_BYTES: u64 = 8 << 20;
/// Parts of a file, at most (S3's own bound is 10,000). A file of more has larger ones.
const PARTS_MAX: u64 = 9_000;
/// How often what fails for no reason of its own is tried again, and for how long.
const RETRIES: usize = 6;
const RETRY_FOR: Duration = Duration::from_secs(60);
const RETRY_AFTER_MAX: Duration = Duration::from_secs(5);
/// Files that are looked at, at most: what a server lists beyond that is no household's backups.
const FILES_MAX: usize = 10_000_000;

/// A bucket, or what lies below a name in it.
pub struct Bucket {
    address: Address,
    runtime: Arc<Runtime>,
    s3: AmazonS3,
    /// What is there, below each first part of a name that was asked for: it is asked of the server once.
    known: Mutex<BTreeMap<String, BTreeMap<String, u64>>>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bucket").field(&self.address).finish()
    }
}

impl Bucket {
    /// Nothing is asked of the bucket's server yet.
    ///
    /// # Errors
    /// When the endpoint is none, or the system gives no threads or no roots to trust.
    pub fn new(address: Address, access: &Access) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let backoff = BackoffConfig { max_backoff: RETRY_AFTER_MAX, ..BackoffConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&address.bucket)
            .with_region(&access.region)
            .with_access_key_id(&access.access_key)
            .with_secret_access_key(access.secret_key.as_str())
            .with_retry(RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRY_FOR })
            .with_http_connector(Connector::new()?);
        if let Some(endpoint) = &access.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(true);
        }
        let s3 = builder.build().map_err(of_bucket)?;
        Ok(Self { address, runtime: Arc::new(runtime), s3, known: Mutex::default() })
    }

    fn key(&self, name: &str) -> Path {
        let within = &self.address.within;
        if within.is_empty() { Path::from(name) } else { Path::from(format!("{within}/{name}")) }
    }

    /// The name that a key has here.
    fn name(&self, key: &Path) -> Option<String> {
        let key = key.as_ref();
        let within = &self.address.within;
        let name = if within.is_empty() { key } else { key.strip_prefix(within.as_str())?.strip_prefix('/')? };
        Some(name.to_owned())
    }

    fn ask(&self, under: &str) -> io::Result<Vec<Listed>> {
        let key = self.key(under);
        let mut files = self.s3.list(Some(&key));
        self.runtime.block_on(async {
            let mut all = Vec::new();
            while let Some(file) = files.next().await {
                let file = file.map_err(of_bucket)?;
                all.extend(self.name(&file.location).map(|name| (name, file.size)));
                if all.len() > FILES_MAX {
                    return Err(io::Error::other("the bucket has more files than backups do: name another place in it"));
                }
            }
            Ok(all)
        })
    }

    /// Changes what is known, if it is.
    fn know(&self, name: &str, change: impl FnOnce(&mut BTreeMap<String, u64>)) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(files) = known.get_mut(first(name)) {
            change(files);
        }
    }

    async fn put_in_parts(&self, mut file: File, bytes: u64, key: &Path) -> object_store::Result<()> {
        let mut upload = self.s3.put_multipart(key).await?;
        let part_bytes = PART_BYTES.max(bytes.div_ceil(PARTS_MAX));
        let sent = async {
            loop {
                let part = read(&mut file, part_bytes).map_err(failed_here)?;
                if part.is_empty() {
                    return upload.complete().await;
                }
                upload.put_part(part.into()).await?;
            }
        };
        let sent = sent.await;
        if sent.is_err() {
            // What has been sent costs nobody anything then. If this fails too, the first failure says more.
            let _not_aborted = upload.abort().await;
        }
        sent.map(drop)
    }
}

fn first(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

fn failed_here(error: io::Error) -> object_store::Error {
    object_store::Error::Generic { store: "this machine", source: Box::new(error) }
}

fn read(file: &mut File, bytes: u64) -> io::Result<Vec<u8>> {
    let mut part = Vec::new();
    file.take(bytes).read_to_end(&mut part)?;
    Ok(part)
}

impl Store for Bucket {
    fn list(&self, under: &str) -> io::Result<Vec<Listed>> {
        self.ask(under)
    }

    fn is_empty(&self) -> io::Result<bool> {
        let within = (!self.address.within.is_empty()).then(|| Path::from(self.address.within.as_str()));
        let mut files = self.s3.list(within.as_ref());
        self.runtime.block_on(async { files.next().await.transpose() }).map(|file| file.is_none()).map_err(of_bucket)
    }

    fn bytes(&self, name: &str) -> io::Result<Option<u64>> {
        let under = first(name);
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(files) = known().get(under) {
            return Ok(files.get(name).copied());
        }
        let files: BTreeMap<String, u64> = self.ask(under)?.into_iter().collect();
        let bytes = files.get(name).copied();
        known().insert(under.to_owned(), files);
        Ok(bytes)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read>> {
        let key = self.key(name);
        let found = self.runtime.block_on(self.s3.get(&key)).map_err(of_file)?;
        Ok(Box::new(Reading { runtime: Arc::clone(&self.runtime), pieces: found.into_stream(), piece: Bytes::new() }))
    }

    fn put(&self, from: TempPath, name: &str) -> io::Result<()> {
        let key = self.key(name);
        let mut file = File::open(&from)?;
        let bytes = file.metadata()?.len();
        let put = if bytes <= PART_BYTES {
            let whole = read(&mut file, PART_BYTES)?;
            self.runtime.block_on(self.s3.put(&key, whole.into())).map(drop)
        } else {
            self.runtime.block_on(self.put_in_parts(file, bytes, &key))
        };
        put.map_err(of_bucket)?;
        self.know(name, |files| {
            files.insert(name.to_owned(), bytes);
        });
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.runtime.block_on(self.s3.delete(&self.key(name))).map_err(of_file)?;
        self.know(name, |files| {
            files.remove(name);
        });
        Ok(())
    }

    fn settle(&self, _: &str) -> io::Result<()> {
        // The server has answered that it is gone.
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        let address = &self.address;
        PathBuf::from(if name.is_empty() { address.to_string() } else { format!("{address}/{name}") })
    }
}

/// A file that is being read.
struct Reading {
    runtime: Arc<Runtime>,
    pieces: BoxStream<'static, object_store::Result<Bytes>>,
    piece: Bytes,
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.runtime.block_on(self.pieces.next()) {
                Some(piece) => self.piece = piece.map_err(of_file)?,
                None => return Ok(0),
            }
        }
        let piece = self.piece.split_to(self.piece.len().min(buffer.len()));
        let (taken, _) = buffer.split_at_mut(piece.len());
        taken.copy_from_slice(&piece);
        Ok(piece.len())
    }
}
