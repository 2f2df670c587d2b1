//! The bytes of a file at hand, in memory or on disk, and how they come there piece by piece.

use std::rc::Rc;

use hearth_web_state::files::Failure;
use js_sys::{Array, Uint8Array};
use web_sys::Blob;

use super::{
    blob::joined,
    disk::{Place, Writing},
    forget::forget,
};

/// From this size on a file lies on disk, in bytes. Smaller ones are not worth the way there.
const ON_DISK_FROM: f64 = 16_777_216.0;

/// A blob, and where it lies if that is on disk: there it stays for as long as somebody has this.
#[derive(Clone)]
pub(crate) struct Kept {
    /// The bytes.
    pub(crate) blob: Blob,
    pub(super) place: Option<Rc<Place>>,
}

/// Takes pieces in.
pub(super) enum Keeper {
    Memory(Array),
    Disk(Writing),
}

impl Keeper {
    /// For a file of so many bytes.
    pub(super) async fn new(size: f64) -> Self {
        let writing = if size >= ON_DISK_FROM { Writing::begin(size).await } else { None };
        writing.map_or_else(|| Self::Memory(Array::new()), Self::Disk)
    }

    /// Takes the next piece.
    pub(super) async fn push(&self, piece: Uint8Array) -> Result<(), Failure> {
        match self {
            Self::Memory(pieces) => {
                // A blob of its own, which the browser keeps outside of this page's memory.
                let blob = joined(&Array::of1(&piece), "").ok_or(Failure::DiskFull)?;
                pieces.push(&blob);
            }
            Self::Disk(writing) => writing.write(&piece).await.ok_or(Failure::DiskFull)?,
        }
        forget(piece);
        Ok(())
    }

    /// All of it, as a blob of a type.
    pub(super) async fn all(self, mime: &str) -> Result<Kept, Failure> {
        let (blob, place) = match self {
            Self::Memory(pieces) => (joined(&pieces, mime), None),
            Self::Disk(writing) => {
                let (file, place) = writing.close().await.ok_or(Failure::DiskFull)?;
                (file.slice_with_f64_and_f64_and_content_type(0.0, file.size(), mime).ok(), Some(Rc::new(place)))
            }
        };
        Ok(Kept { blob: blob.ok_or(Failure::DiskFull)?, place })
    }
}
