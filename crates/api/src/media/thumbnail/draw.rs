//! From a picture's file to a thumbnail's. How much memory a picture takes is known from its header, and what would take too much is
//! refused before it is decoded.

use std::io::{BufRead, Cursor, Seek};

use domain::Rejection;
use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits, imageops::FilterType,
    metadata::Orientation,
};
use parking_lot::Mutex;
use ruma::api::error::ErrorKind;

use super::size::Size;
use crate::memory::LARGE_PICTURE_BYTES;

/// No side of a picture that thumbnails are made of is longer, in pixels.
const SIDE_MAX: u32 = 16_384;
/// Large pictures are decoded one at a time.
static LARGE: Mutex<()> = Mutex::new(());

/// A thumbnail as PNG, the right way up (EXIF, tag "Orientation"). The picture takes at most `decoded_bytes_max` when decoded. A
/// decoder takes up to three times as much beside it.
///
/// # Errors
/// 400 `M_UNKNOWN` for what is no picture, 413 `M_TOO_LARGE` for what would take too much memory.
pub(super) fn thumbnail(file: impl BufRead + Seek, size: Size, decoded_bytes_max: u64) -> Result<Vec<u8>, Rejection> {
    let mut reader =
        ImageReader::new(file).with_guessed_format().map_err(|_| Rejection::unknown("That media cannot be read."))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(decoded_bytes_max);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    if decoder.total_bytes() > decoded_bytes_max {
        return Err(too_large());
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let _alone = (decoder.total_bytes() > LARGE_PICTURE_BYTES).then(|| LARGE.lock());
    let picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    let mut small = shrink(&picture, if is_turned(orientation) { size.turned() } else { size });
    drop(picture);
    small.apply_orientation(orientation);
    let mut png = Vec::new();
    small
        .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
        .map_err(|_| Rejection::unknown("No thumbnail could be made."))?;
    Ok(png)
}

fn too_large() -> Rejection {
    Rejection::too_large("That picture is too large for this server to make thumbnails of.")
}

fn refusal(error: ImageError) -> Rejection {
    match error {
        ImageError::Limits(_) => too_large(),
        _ => Rejection::new(400, ErrorKind::Unknown, "That media is not a picture this server can read."),
    }
}

/// Whether width and height change places.
fn is_turned(orientation: Orientation) -> bool {
    match orientation {
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH => true,
        Orientation::NoTransforms | Orientation::Rotate180 | Orientation::FlipHorizontal | Orientation::FlipVertical => {
            false
        }
    }
}

/// Never enlarges: a picture that is smaller than asked for is its own thumbnail. Eight bits a colour are enough.
fn shrink(picture: &DynamicImage, size: Size) -> DynamicImage {
    let (width, height) = scaled(picture, size);
    let halfway = halfway(picture, width, height);
    let picture = halfway.as_ref().unwrap_or(picture);
    let mut small = if (picture.width(), picture.height()) == (width, height) {
        picture.clone()
    } else {
        picture.resize_exact(width, height, FilterType::Triangle)
    };
    if size.is_cropped {
        let (across, down) = (width.min(size.width), height.min(size.height));
        small = small.crop_imm((width - across) / 2, (height - down) / 2, across, down);
    }
    if small.color().has_alpha() { small.to_rgba8().into() } else { small.to_rgb8().into() }
}

/// Twice the size, taken pixel by pixel: going all the way smoothly would take several times the picture's memory.
fn halfway(picture: &DynamicImage, width: u32, height: u32) -> Option<DynamicImage> {
    let (twice_width, twice_height) = (width.saturating_mul(2), height.saturating_mul(2));
    let is_far = picture.width() > twice_width && picture.height() > twice_height;
    is_far.then(|| picture.thumbnail_exact(twice_width, twice_height))
}

/// The picture's size when it is as small as asked for: all of it inside, or all of the size filled.
fn scaled(picture: &DynamicImage, size: Size) -> (u32, u32) {
    let (width, height) = (picture.width().max(1), picture.height().max(1));
    let (across, down) = (f64::from(size.width) / f64::from(width), f64::from(size.height) / f64::from(height));
    let ratio = if size.is_cropped { across.max(down) } else { across.min(down) }.min(1.0);
    // At most the picture's own side.
    let side = |pixels: u32| ((f64::from(pixels) * ratio).round() as u32).clamp(1, pixels);
    (side(width), side(height))
}

#[cfg(test)]
mod tests;
