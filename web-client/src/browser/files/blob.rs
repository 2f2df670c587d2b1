//! Bytes that the browser keeps outside of the program's memory.

use js_sys::{Array, Uint8Array};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag};

/// How much of a file is in memory at once, in bytes: a multiple of what a cipher takes at once.
pub(super) const PIECE_LEN: usize = 1 << 20;

/// The bytes of `blob` between two places; `None` when it cannot be read any more.
pub(super) async fn read(blob: &Blob, from: f64, to: f64) -> Option<Uint8Array> {
    let slice = blob.slice_with_f64_and_f64(from, to).ok()?;
    let buffer = JsFuture::from(slice.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer))
}

/// One blob of several pieces.
pub(super) fn joined(pieces: &Array, mime: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    Blob::new_with_blob_sequence_and_options(pieces, &options).ok()
}

/// One blob of bytes in the program's memory.
pub(super) fn of_bytes(bytes: &[u8], mime: &str) -> Option<Blob> {
    joined(&Array::of1(&Uint8Array::from(bytes)), mime)
}
