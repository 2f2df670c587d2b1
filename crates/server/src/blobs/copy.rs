//! The folder of media for those who copy it: a backup, and a restore.

use std::{
    fs::{self, File},
    io::{self, Read},
};

use backup::MediaSource;
use engine::BlobDigest;
use tempfile::NamedTempFile;

use super::{
    folder::{FileBlobs, NAME_LETTERS},
    tidy::{digest_of, entries},
};

impl MediaSource for FileBlobs {
    fn digests(&self) -> io::Result<Vec<BlobDigest>> {
        let mut digests = Vec::new();
        for first_byte in 0..=u8::MAX {
            for entry in entries(&self.folder(first_byte))? {
                let name = entry.file_name();
                // Thumbnails are made again when somebody asks for them.
                let name = name.to_str().filter(|name| name.len() == NAME_LETTERS);
                digests.extend(name.and_then(digest_of).filter(|digest| digest[0] == first_byte));
            }
        }
        Ok(digests)
    }

    fn open(&self, digest: &BlobDigest) -> io::Result<Option<Box<dyn Read>>> {
        match File::open(self.path(digest, None)) {
            Ok(file) => Ok(Some(Box::new(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl FileBlobs {
    /// Takes in bytes that are known to be those of `digest` once `write` has written all of them.
    pub(crate) fn take<E: From<io::Error>>(
        &self,
        digest: &BlobDigest,
        write: impl FnOnce(&mut dyn io::Write) -> Result<(), E>,
    ) -> Result<(), E> {
        fs::create_dir_all(self.aside())?;
        let mut file = NamedTempFile::new_in(self.aside())?;
        write(&mut file)?;
        file.as_file().sync_all()?;
        Ok(self.place(file.into_temp_path(), &self.path(digest, None))?)
    }
}
