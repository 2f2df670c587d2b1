//! Files on their way into a backup's folder and out of it: hashed, perhaps encrypted, and in their place only when they are whole.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::Path,
};

use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempPath};

use crate::{
    age::{Identity, Opening, Recipient, Sealing},
    hex,
    manifest::Part,
};

/// Bytes that are copied at once.
const COPY_BYTES: usize = 256 << 10;

/// Counts and hashes what goes through.
pub(crate) struct Hashing<T> {
    inner: T,
    hasher: Sha256,
    bytes: u64,
}

impl<T> Hashing<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self { inner, hasher: Sha256::new(), bytes: 0 }
    }

    /// What has gone through.
    pub(crate) fn part(&self) -> Part {
        Part { bytes: self.bytes, sha256: hex::of(&self.hasher.clone().finalize()) }
    }

    fn saw(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.saw(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.saw(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

type Out = Hashing<BufWriter<NamedTempFile>>;

/// A file that is being written, for its owner alone. Dropped, it is deleted.
pub(crate) enum Writing {
    Clear(Out),
    Sealed(Sealing<Out>),
}

impl Writing {
    pub(crate) fn begin(aside: &Path, to: Option<&Recipient>) -> io::Result<Self> {
        let out = Hashing::new(BufWriter::with_capacity(COPY_BYTES, NamedTempFile::new_in(aside)?));
        Ok(match to {
            None => Self::Clear(out),
            Some(to) => Self::Sealed(Sealing::new(out, to)?),
        })
    }

    /// Syncs it. It is where it was begun until it is placed.
    pub(crate) fn finish(self) -> io::Result<Written> {
        let out = match self {
            Self::Clear(out) => out,
            Self::Sealed(sealing) => sealing.finish()?,
        };
        let part = out.part();
        let file = out.inner.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        Ok(Written { part, path: file.into_temp_path() })
    }
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Clear(out) => out.write(bytes),
            Self::Sealed(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Clear(out) => out.flush(),
            Self::Sealed(out) => out.flush(),
        }
    }
}

/// A file that is whole and on the disk, and not in its place yet.
pub(crate) struct Written {
    pub(crate) part: Part,
    pub(crate) path: TempPath,
}

pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Only Unix opens folders, and only there it is asked for.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Makes a folder for its owner alone.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
        builder.mode(0o700).create(path)?;
        // One that was there already keeps its mode otherwise.
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    #[cfg(not(unix))]
    builder.create(path)?;
    Ok(())
}

/// A file's content, decrypted if `identity` is there.
pub(crate) fn opened(file: Box<dyn Read>, identity: Option<&Identity>) -> io::Result<Box<dyn Read>> {
    let Some(identity) = identity else { return Ok(file) };
    match Opening::new(file, identity)? {
        Some(opening) => Ok(Box::new(opening)),
        None => Err(io::Error::new(io::ErrorKind::InvalidData, "it is not encrypted to the recipient of the backup")),
    }
}

/// Reads to the end.
pub(crate) fn hash(file: impl Read) -> io::Result<Part> {
    let mut file = Hashing::new(file);
    copy(&mut file, &mut io::sink())?;
    Ok(file.part())
}

pub(crate) fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<u64> {
    let mut buffer = vec![0; COPY_BYTES];
    let mut bytes = 0;
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(bytes);
        }
        to.write_all(buffer.get(..read).unwrap_or_default())?;
        bytes += read as u64;
    }
}
