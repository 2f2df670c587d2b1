//! Pictures as the browser reads and draws them. What is drawn anew tells nothing but itself.

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap, ImageBitmapOptions, ImageOrientation};

use crate::browser;

/// How good a picture is that is drawn anew, of 1.
const QUALITY: f64 = 0.86;
/// The larger side of what a blurhash is made of, in pixels.
const SMALL: u32 = 32;

/// A picture drawn anew.
pub(super) struct Drawn {
    /// The file.
    pub(super) blob: Blob,
    /// Its width in pixels.
    pub(super) width: u32,
    /// Its height in pixels.
    pub(super) height: u32,
}

/// Reads a picture, turned as it says that it is to be seen; `None` when the browser cannot.
pub(super) async fn bitmap(blob: &Blob) -> Option<ImageBitmap> {
    let options = ImageBitmapOptions::new();
    options.set_image_orientation(ImageOrientation::FromImage);
    let promise = browser::window()?.create_image_bitmap_with_blob_and_image_bitmap_options(blob, &options).ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// Draws a picture with its larger side at most `max_side` pixels, as a file of the type `mime`, or of one that the
/// browser has instead.
pub(super) async fn draw(bitmap: &ImageBitmap, max_side: u32, mime: &str) -> Option<Drawn> {
    let (canvas, _) = drawn(bitmap, max_side, mime == "image/jpeg")?;
    let made = Promise::new(&mut |resolve, reject| {
        if canvas.to_blob_with_type_and_encoder_options(&resolve, mime, &QUALITY.into()).is_err() {
            // Nobody is told more than that it did not work.
            let _ = reject.call0(&JsValue::NULL);
        }
    });
    let blob: Blob = JsFuture::from(made).await.ok()?.dyn_into().ok()?;
    Some(Drawn { blob, width: canvas.width(), height: canvas.height() })
}

/// The blurhash of a picture.
pub(super) fn blurhash(bitmap: &ImageBitmap) -> Option<String> {
    let (canvas, context) = drawn(bitmap, SMALL, false)?;
    let (width, height) = (canvas.width(), canvas.height());
    let pixels = context.get_image_data(0.0, 0.0, f64::from(width), f64::from(height)).ok()?.data();
    hearth_web_state::files::blurhash(&pixels, width as usize, height as usize)
}

fn drawn(bitmap: &ImageBitmap, max_side: u32, is_opaque: bool) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let (width, height) = (f64::from(bitmap.width()), f64::from(bitmap.height()));
    let scale = (f64::from(max_side) / width.max(height)).min(1.0);
    let side = |length: f64| (length * scale).round().max(1.0);
    let document = browser::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.unchecked_into();
    canvas.set_width(side(width) as u32);
    canvas.set_height(side(height) as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.unchecked_into();
    if is_opaque {
        // What can be seen through would be black.
        context.set_fill_style_str("#fff");
        context.fill_rect(0.0, 0.0, side(width), side(height));
    }
    context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, side(width), side(height)).ok()?;
    Some((canvas, context))
}
