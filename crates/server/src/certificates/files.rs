//! A certificate of the admin's own, from two files that are read again when they change.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result};

use super::certificate::{Certificate, Shown};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// The largest file that is read, bytes: longer chains are nobody's.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The two files.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Files {
    /// Reads them.
    pub(crate) fn read(&self) -> Result<Certificate> {
        let text = |path: &Path| read(path).with_context(|| format!("{} cannot be read", path.display()));
        Certificate::read(&text(&self.certificate)?, &text(&self.key)?)
            .with_context(|| format!("{} and {}", self.certificate.display(), self.key.display()))
    }

    /// When either was written last; none while one is missing.
    fn changed(&self) -> Option<(SystemTime, SystemTime)> {
        let at = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        Some((at(&self.certificate)?, at(&self.key)?))
    }

    /// Shows what is in them from now on, whenever they change. While they do not fit each other, as between two writes of whoever
    /// renews them, what was shown before stays.
    pub(crate) async fn follow(self, shown: Arc<Shown>) {
        let mut seen = self.changed();
        loop {
            tokio::time::sleep(LOOK).await;
            let now = self.changed();
            if now == seen || now.is_none() {
                continue;
            }
            match self.read() {
                Ok(certificate) => {
                    shown.show(&certificate);
                    seen = now;
                    tracing::info!(
                        https.good_until_s = certificate.end_s(),
                        "the certificate was changed and is shown from now on"
                    );
                }
                Err(error) => tracing::warn!(
                    https.error = format!("{error:#}"),
                    "the new certificate does not read; the old one stays"
                ),
            }
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}
