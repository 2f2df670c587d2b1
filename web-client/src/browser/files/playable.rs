//! Videos and sounds: how long they are, how large, and a picture out of them.

use futures_util::{FutureExt, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::Promise;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, EventTarget, HtmlMediaElement, HtmlVideoElement, ImageBitmap};

use super::address::ObjectUrl;
use crate::browser;

/// How long the browser may take to read what it is and to find a picture.
const READ_MS: u32 = 5_000;
/// A picture from here is rarely the black before the beginning, in seconds.
const FRAME_AT_S: f64 = 1.0;

/// What is known of a video or sound.
#[derive(Default)]
pub(super) struct Playable {
    /// How long it plays, in milliseconds.
    pub(super) duration_ms: Option<u64>,
    /// A picture out of it, as large as it is.
    pub(super) frame: Option<ImageBitmap>,
}

/// Reads what the browser can find out; without it the file is sent all the same.
pub(super) async fn look_at(blob: &Blob, is_video: bool) -> Playable {
    find_out(blob, is_video).await.unwrap_or_default()
}

async fn find_out(blob: &Blob, is_video: bool) -> Option<Playable> {
    let url = ObjectUrl::new(blob)?;
    let document = browser::window()?.document()?;
    let element: HtmlMediaElement = document.create_element(if is_video { "video" } else { "audio" }).ok()?.unchecked_into();
    element.set_muted(true);
    element.set_preload("auto");
    element.set_src(url.as_str());
    happens(&element, if is_video { "loadeddata" } else { "loadedmetadata" }).await?;
    let duration = Some(element.duration()).filter(|seconds| seconds.is_finite());
    let frame = if is_video { frame(&element, duration).await } else { None };
    element.set_src("");
    Some(Playable { duration_ms: duration.map(|seconds| (seconds * 1_000.0) as u64), frame })
}

async fn frame(element: &HtmlMediaElement, duration: Option<f64>) -> Option<ImageBitmap> {
    element.set_current_time(duration.map_or(0.0, |seconds| (seconds / 2.0).min(FRAME_AT_S)));
    happens(element, "seeked").await?;
    let video = element.dyn_ref::<HtmlVideoElement>()?;
    let promise = browser::window()?.create_image_bitmap_with_html_video_element(video).ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// Waits until something happens; `None` when it fails or takes too long.
async fn happens(target: &EventTarget, event: &str) -> Option<()> {
    let happened = Promise::new(&mut |resolve, reject| {
        // These fail only for listeners that are no functions.
        let _ = target.add_event_listener_with_callback(event, &resolve);
        let _ = target.add_event_listener_with_callback("error", &reject);
    });
    select! {
        outcome = JsFuture::from(happened).fuse() => outcome.ok().map(drop),
        () = TimeoutFuture::new(READ_MS).fuse() => None,
    }
}
