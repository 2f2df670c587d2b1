//! The addresses by which a page shows and saves what the browser keeps.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, Url};

use super::{disk::Place, kept::Kept};
use crate::browser;

/// How long a file that is being saved stays at hand: browsers tell nobody when they have read it.
const SAVING_MS: u32 = 600_000;

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
