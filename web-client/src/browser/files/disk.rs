//! The browser's own folder of this page on disk (<https://fs.spec.whatwg.org/#sandboxed-filesystem>): no dialog of any
//! program shows it. Large files lie there while they are sent or saved, because browsers hold blobs in memory, up to
//! gigabytes.
//!
//! Not every browser has it, nor in every window; calls are by name, so that a missing one is an answer like any other.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use crate::browser;

/// The folder of all files. What an ended page left in it goes when the next one begins.
const FOLDER: &str = "files";

/// A file on disk, for as long as this value lives.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    name: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let name = JsValue::from_str(&self.name);
        spawn_local(async move {
            if let Some(folder) = folder().await {
                // What cannot be removed now goes when the next page begins.
                let _ = ask(&folder, "removeEntry", &Array::of1(&name)).await;
            }
        });
    }
}

/// A file that is being written. Given up when it is dropped before its end.
pub(super) struct Writing {
    file: JsValue,
    stream: JsValue,
    place: Option<Place>,
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            let stream = self.stream.clone();
            spawn_local(async move {
                // A file cannot be removed while it is being written.
                let _ = ask(&stream, "abort", &Array::new()).await;
                drop(place);
            });
        }
    }
}

impl Writing {
    /// Begins a file of so many bytes; `None` when there is no disk for them.
    pub(super) async fn begin(size: f64) -> Option<Self> {
        if room().await? < size {
            return None;
        }
        let folder = folder().await?;
        let place = Place { name: format!("{:032x}", browser::random()) };
        let file = ask(&folder, "getFileHandle", &Array::of2(&place.name.as_str().into(), &with("create")?)).await?;
        let stream = ask(&file, "createWritable", &Array::new()).await?;
        Some(Self { file, stream, place: Some(place) })
    }

    /// Writes the next bytes; `None` when the disk does not take them.
    pub(super) async fn write(&self, bytes: &Uint8Array) -> Option<()> {
        ask(&self.stream, "write", &Array::of1(bytes)).await.map(drop)
    }

    /// Ends the file.
    pub(super) async fn close(mut self) -> Option<(File, Place)> {
        ask(&self.stream, "close", &Array::new()).await?;
        let file = ask(&self.file, "getFile", &Array::new()).await?.dyn_into().ok()?;
        Some((file, self.place.take()?))
    }
}

/// Removes what earlier pages have left.
pub(crate) async fn clear_disk() {
    let (Some(root), Some(whole)) = (root().await, with("recursive")) else { return };
    // It fails when there is nothing, as mostly.
    let _ = ask(&root, "removeEntry", &Array::of2(&FOLDER.into(), &whole)).await;
}

fn storage() -> Option<JsValue> {
    let navigator = browser::window()?.navigator();
    Reflect::get(&navigator, &"storage".into()).ok().filter(|storage| !storage.is_undefined())
}

async fn root() -> Option<JsValue> {
    ask(&storage()?, "getDirectory", &Array::new()).await
}

async fn folder() -> Option<JsValue> {
    ask(&root().await?, "getDirectoryHandle", &Array::of2(&FOLDER.into(), &with("create")?)).await
}

/// Options of which one is on.
fn with(option: &str) -> Option<JsValue> {
    let options = Object::new();
    Reflect::set(&options, &option.into(), &JsValue::TRUE).ok()?;
    Some(options.into())
}

/// How many bytes the browser lets this page put on disk.
async fn room() -> Option<f64> {
    let estimate = ask(&storage()?, "estimate", &Array::new()).await?;
    let number = |name: &str| Reflect::get(&estimate, &name.into()).ok()?.as_f64();
    Some(number("quota")? - number("usage")?)
}

/// Calls a method and waits for what it promises; `None` when there is no such method, or when it fails.
async fn ask(target: &JsValue, method: &str, arguments: &Array) -> Option<JsValue> {
    let method: Function = Reflect::get(target, &method.into()).ok()?.dyn_into().ok()?;
    let promise: Promise = method.apply(target, arguments).ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}
