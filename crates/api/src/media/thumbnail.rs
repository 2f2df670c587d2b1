//! Makes small pictures of large ones. Encrypted media has none here: nobody but its recipients can see it.

use std::{io::Cursor, sync::LazyLock};

use axum::body::Bytes;
use domain::Rejection;
use engine::SubmitError;
use image::{DynamicImage, ImageFormat, ImageReader, Limits, imageops::FilterType};
use ruma::api::error::ErrorKind;
use tokio::sync::Semaphore;

use crate::error::ApiError;

/// No side of a thumbnail is longer, in pixels.
const SIDE_MAX: u32 = 1_600;
/// No side of a picture that thumbnails are made of is longer, in pixels.
const SOURCE_SIDE_MAX: u32 = 16_384;
/// Memory for one picture while it is decoded.
const DECODE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Pictures that are worked on at once: one picture takes a core for as long as it takes.
static PERMITS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// The size of a thumbnail, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Fills the size and cuts off what hangs over, instead of fitting into it.
    pub(super) is_cropped: bool,
}

/// A thumbnail as PNG.
///
/// # Errors
/// 400 `M_UNKNOWN` for what is no picture, 413 for pictures too large to decode.
pub(super) async fn make(bytes: Bytes, size: Size) -> Result<Bytes, ApiError> {
    let _permit = PERMITS.acquire().await.map_err(|_| SubmitError::Stopping)?;
    let made = tokio::task::spawn_blocking(move || draw(&bytes, size)).await.map_err(|_| SubmitError::Stopping)?;
    Ok(made?)
}

fn draw(bytes: &[u8], size: Size) -> Result<Bytes, Rejection> {
    let no_picture = |_| Rejection::new(400, ErrorKind::Unknown, "That media is not a picture this server can read.");
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| Rejection::unknown("That media cannot be read."))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SOURCE_SIDE_MAX);
    limits.max_image_height = Some(SOURCE_SIDE_MAX);
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    let picture = reader.decode().map_err(no_picture)?;
    let mut png = Vec::new();
    shrink(&picture, size)
        .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
        .map_err(|_| Rejection::unknown("No thumbnail could be made."))?;
    Ok(png.into())
}

/// Never enlarges: a picture that is smaller than asked for is its own thumbnail.
fn shrink(picture: &DynamicImage, size: Size) -> DynamicImage {
    let width = size.width.min(SIDE_MAX);
    let height = size.height.min(SIDE_MAX);
    if picture.width() <= width && picture.height() <= height {
        return picture.clone();
    }
    if size.is_cropped {
        picture.resize_to_fill(width.min(picture.width()), height.min(picture.height()), FilterType::Triangle)
    } else {
        picture.resize(width, height, FilterType::Triangle)
    }
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GenericImageView};

    use super::{Size, draw, shrink};

    #[test]
    fn sizes() {
        let picture = DynamicImage::new_rgb8(400, 200);
        for (width, height, is_cropped, expected) in [
            (100, 100, false, (100, 50)),
            (100, 100, true, (100, 100)),
            (800, 600, false, (400, 200)),
            (800, 100, true, (400, 100)),
            (u32::MAX, 50, false, (100, 50)),
        ] {
            assert_eq!(shrink(&picture, Size { width, height, is_cropped }).dimensions(), expected, "{width}x{height}");
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(
            draw(b"<svg xmlns='http://www.w3.org/2000/svg'/>", Size { width: 1, height: 1, is_cropped: false }).is_err()
        );
    }
}
