//! Bytes that the browser keeps outside of the program's memory, and how they get an address or a place of their own.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::{disk::Place, kept::Kept};
use crate::browser;

/// How much of a file is in memory at once, in bytes: a multiple of what a cipher takes at once.
pub(super) const PIECE_LEN: usize = 1 << 20;
/// How long a file that is being saved stays at hand: browsers tell nobody when they have read it.
const SAVING_MS: u32 = 600_000;

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

/// The address of a blob inside this page, for as long as this value lives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ObjectUrl {
    url: String,
    place: Option<Rc<Place>>,
}

impl ObjectUrl {
    /// Gives a blob an address.
    pub(crate) fn new(blob: &Blob) -> Option<Self> {
        Self::made(blob, None)
    }

    /// Gives a file an address; it stays on disk as long.
    pub(crate) fn of(file: &Kept) -> Option<Self> {
        Self::made(&file.blob, file.place.clone())
    }

    fn made(blob: &Blob, place: Option<Rc<Place>>) -> Option<Self> {
        Url::create_object_url_with_blob(blob).ok().map(|url| Self { url, place })
    }

    /// The address.
    pub(crate) fn as_str(&self) -> &str {
        &self.url
    }
}

impl Drop for ObjectUrl {
    fn drop(&mut self) {
        // It fails only for what is no address.
        let _ = Url::revoke_object_url(&self.url);
    }
}

/// Saves a file under a name. It is never opened: its type must be one that no page is made of.
pub(crate) fn save(file: &Kept, name: &str) {
    let Some(url) = ObjectUrl::of(file) else { return };
    let click = || -> Result<(), JsValue> {
        let document = browser::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
        let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
        link.set_href(url.as_str());
        link.set_download(name);
        link.click();
        Ok(())
    };
    // Making a link fails only in a page without a document.
    let _ = click();
    wasm_bindgen_futures::spawn_local(async move {
        TimeoutFuture::new(SAVING_MS).await;
        drop(url);
    });
}
