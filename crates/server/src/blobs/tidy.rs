//! What goes from the folder: blobs that the engine gives up, what crashes left aside, and thumbnails beyond their bound. All of
//! it blocks.

use std::{
    fs::{self, DirEntry},
    io,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use engine::BlobDigest;

use super::folder::{FileBlobs, NAME_LETTERS, sync_folder};

/// Bytes of thumbnails, in all. Beyond it the oldest go, to be made again should somebody ask for them.
const THUMBNAILS_BYTES_MAX: u64 = 1 << 30;
/// Letters behind the name of a blob that an older server wrote while its bytes came in.
const OLD_ASIDE_LETTERS: usize = 16;

/// A thumbnail on the disk.
struct Thumbnail {
    made_at: SystemTime,
    bytes: u64,
    path: PathBuf,
}

impl FileBlobs {
    pub(super) fn delete_files(&self, digest: &BlobDigest) -> io::Result<()> {
        let path = self.path(digest, None);
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let folder = self.folder(digest[0]);
        for entry in entries(&folder)? {
            if entry.file_name().to_str().is_some_and(|other| is_thumbnail_of(other, name)) {
                remove(entry.path())?;
            }
        }
        remove(path)?;
        if folder.is_dir() { sync_folder(&folder) } else { Ok(()) }
    }

    pub(super) fn digests_older_than(&self, first_byte: u8, age: Duration) -> io::Result<Vec<BlobDigest>> {
        let mut digests = Vec::new();
        for entry in entries(&self.folder(first_byte))? {
            if is_older(&entry, age)
                && let Some(digest) = entry.file_name().to_str().and_then(digest_of)
                && digest[0] == first_byte
            {
                digests.push(digest);
            }
        }
        digests.sort_unstable();
        digests.dedup();
        Ok(digests)
    }

    /// Deletes what was left aside for so long, and the oldest thumbnails if there are too many.
    pub(crate) fn tidy(&self, age: Duration) -> io::Result<()> {
        for entry in entries(&self.aside())?.into_iter().filter(|entry| is_older(entry, age)) {
            remove(entry.path())?;
        }
        let mut thumbnails = Vec::new();
        for first_byte in 0..=u8::MAX {
            for entry in entries(&self.folder(first_byte))? {
                match entry.file_name().to_str().and_then(|name| name.split_once('.')) {
                    Some((_, rest)) if is_old_aside(rest) && is_older(&entry, age) => remove(entry.path())?,
                    Some((_, rest)) if !is_old_aside(rest) => thumbnails.extend(thumbnail(&entry)),
                    _ => {}
                }
            }
        }
        keep_newest(thumbnails, THUMBNAILS_BYTES_MAX)
    }
}

fn keep_newest(mut thumbnails: Vec<Thumbnail>, bytes_max: u64) -> io::Result<()> {
    thumbnails.sort_unstable_by_key(|thumbnail| std::cmp::Reverse(thumbnail.made_at));
    let mut bytes = 0_u64;
    for thumbnail in thumbnails {
        bytes = bytes.saturating_add(thumbnail.bytes);
        if bytes > bytes_max {
            remove(thumbnail.path)?;
        }
    }
    Ok(())
}

/// What is in a folder; nothing if there is none.
pub(super) fn entries(folder: &std::path::Path) -> io::Result<Vec<DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// A file that is gone already is as good as removed.
fn remove(path: PathBuf) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A file whose age is not known, or that is from the future, is young.
fn is_older(entry: &DirEntry, age: Duration) -> bool {
    let modified = entry.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|elapsed| elapsed >= age))
}

fn is_thumbnail_of(name: &str, blob: &str) -> bool {
    name.strip_prefix(blob).is_some_and(|rest| rest.starts_with('.'))
}

fn is_old_aside(rest: &str) -> bool {
    rest.len() == OLD_ASIDE_LETTERS && rest.bytes().all(|letter| letter.is_ascii_hexdigit())
}

fn thumbnail(entry: &DirEntry) -> Option<Thumbnail> {
    let metadata = entry.metadata().ok()?;
    Some(Thumbnail { made_at: metadata.modified().ok()?, bytes: metadata.len(), path: entry.path() })
}

/// The digest that a file's name begins with.
pub(super) fn digest_of(name: &str) -> Option<BlobDigest> {
    let (name, rest) = name.split_at_checked(NAME_LETTERS)?;
    if !rest.is_empty() && !rest.starts_with('.') {
        return None;
    }
    let mut digest = BlobDigest::default();
    for (byte, letters) in digest.iter_mut().zip(name.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(letters).ok()?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use engine::BlobStore as _;

    use super::{FileBlobs, Thumbnail, entries, keep_newest, thumbnail};

    fn files(blobs: &FileBlobs) -> usize {
        let folders = (0..=u8::MAX).map(|byte| blobs.folder(byte)).chain([blobs.aside()]);
        folders.map(|folder| entries(&folder).unwrap().len()).sum()
    }

    async fn keep(blobs: &FileBlobs, bytes: &'static [u8]) -> engine::BlobDigest {
        let mut writer = blobs.begin(0).await.unwrap();
        for piece in bytes.chunks(5) {
            writer.write(Bytes::from_static(piece)).await.unwrap();
        }
        writer.keep().await.unwrap()
    }

    #[tokio::test]
    async fn nothing_is_left_of_what_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = FileBlobs::new(folder.path().join("media"), 0);
        let digest = keep(&blobs, b"the same bytes").await;
        assert_eq!(keep(&blobs, b"the same bytes").await, digest);
        let other = keep(&blobs, b"other bytes").await;
        blobs.keep_thumbnail(&digest, "32x32-crop", Bytes::from_static(b"small")).await.unwrap();
        assert_eq!(files(&blobs), 3);
        let mut broken_off = blobs.begin(0).await.unwrap();
        broken_off.write(Bytes::from_static(b"half")).await.unwrap();
        assert_eq!(files(&blobs), 4);
        drop(broken_off);
        assert_eq!(files(&blobs), 3);
        blobs.delete(&digest).await.unwrap();
        blobs.delete(&digest).await.unwrap();
        assert!(blobs.open(&digest, None).await.unwrap().is_none());
        blobs.keep_thumbnail(&digest, "32x32-crop", Bytes::from_static(b"late")).await.unwrap();
        assert_eq!(files(&blobs), 1, "a thumbnail of what is gone is not kept");
        assert_eq!(blobs.kept_for(other[0], Duration::ZERO).await.unwrap(), [other]);
        assert!(blobs.kept_for(other[0], Duration::from_secs(60)).await.unwrap().is_empty(), "it is young");
    }

    #[tokio::test]
    async fn the_reserve_of_the_disk_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = FileBlobs::new(folder.path().join("media"), u64::MAX);
        assert!(matches!(blobs.begin(0).await, Err(engine::BlobError::Full)));
        assert_eq!(files(&blobs), 0);
    }

    #[tokio::test]
    async fn what_crashes_left_aside_goes_and_the_newest_thumbnails_stay() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = FileBlobs::new(folder.path().join("media"), 0);
        let digest = keep(&blobs, b"a picture").await;
        blobs.keep_thumbnail(&digest, "32x32-crop", Bytes::from_static(b"small")).await.unwrap();
        std::fs::write(blobs.aside().join("left"), b"half").unwrap();
        std::fs::write(blobs.path(&digest, Some("0123456789abcdef")), b"half, by an older server").unwrap();
        blobs.tidy(Duration::from_secs(60)).unwrap();
        assert_eq!(files(&blobs), 4, "they are young");
        blobs.tidy(Duration::ZERO).unwrap();
        assert_eq!(files(&blobs), 2);
        let all = || -> Vec<Thumbnail> {
            let entries = entries(&blobs.folder(digest[0])).unwrap();
            entries.iter().filter(|entry| entry.file_name().to_string_lossy().contains('.')).filter_map(thumbnail).collect()
        };
        keep_newest(all(), 5).unwrap();
        assert_eq!(files(&blobs), 2);
        keep_newest(all(), 4).unwrap();
        assert_eq!(files(&blobs), 1);
    }
}
