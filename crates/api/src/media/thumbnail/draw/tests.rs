//! Sizes, turned pictures, and pictures that are bombs.

use std::io::Cursor;

use image::{DynamicImage, GenericImageView as _, ImageFormat, Rgb, RgbImage};

use super::{shrink, thumbnail};
use crate::media::thumbnail::size::Size;

const DECODED_BYTES_MAX: u64 = 160 << 20;

fn size(width: u32, height: u32, is_cropped: bool) -> Size {
    Size { name: "any", width, height, is_cropped }
}

#[test]
fn sizes() {
    let picture = DynamicImage::new_rgb8(400, 200);
    for (width, height, is_cropped, expected) in [
        (100, 100, false, (100, 50)),
        (100, 100, true, (100, 100)),
        (800, 600, false, (400, 200)),
        (800, 100, true, (400, 100)),
        (u32::MAX, 50, false, (100, 50)),
        (1, 1, false, (1, 1)),
    ] {
        assert_eq!(shrink(&picture, size(width, height, is_cropped)).dimensions(), expected, "{width}x{height}");
    }
}

#[test]
fn what_is_no_picture_is_refused() {
    for bytes in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"", b"\x89PNG\x0d\x0a\x1a\x0a", b"\xff\xd8\xff\xe0"] {
        let refused = thumbnail(Cursor::new(bytes), size(32, 32, true), DECODED_BYTES_MAX).unwrap_err();
        assert_eq!(refused.status, 400, "{bytes:?}");
    }
}

/// A JPEG whose left half is white, with an EXIF orientation.
fn turned(orientation: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(64, 32, |x, _| if x < 32 { Rgb([255; 3]) } else { Rgb([0; 3]) });
    let mut jpeg = Vec::new();
    DynamicImage::from(picture).write_to(&mut Cursor::new(&mut jpeg), ImageFormat::Jpeg).unwrap();
    // TIFF, big endian, one directory with one entry: tag 0x0112, a SHORT, once.
    let exif = [&b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..], &[orientation], b"\0\0\0\0\0\0"].concat();
    let len = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let (start, rest) = jpeg.split_at(2);
    [start, &[0xff, 0xe1], &len, &exif, rest].concat()
}

#[test]
fn pictures_stand_the_right_way_up() {
    // Where the white half is: a pixel in the middle of the left, the right, the upper and the lower half.
    for (orientation, dimensions, white) in
        [(1, (64, 32), (8, 16)), (3, (64, 32), (56, 16)), (6, (32, 64), (16, 8)), (8, (32, 64), (16, 56))]
    {
        let png = thumbnail(Cursor::new(turned(orientation)), size(64, 64, false), DECODED_BYTES_MAX).unwrap();
        let picture = image::load_from_memory(&png).unwrap();
        assert_eq!(picture.dimensions(), dimensions, "orientation {orientation}");
        assert!(picture.get_pixel(white.0, white.1).0[0] > 200, "orientation {orientation}");
        let black = (dimensions.0 - 1 - white.0, dimensions.1 - 1 - white.1);
        assert!(picture.get_pixel(black.0, black.1).0[0] < 50, "orientation {orientation}");
    }
}

/// The beginning of a PNG that says it has so many pixels.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        let crc = body.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
        });
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &(!crc).to_be_bytes()].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    [b"\x89PNG\x0d\x0a\x1a\x0a".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &[0x78])].concat()
}

#[test]
fn bombs_are_refused_by_their_headers() {
    for (width, height) in [(16_000, 16_000), (16_385, 1), (u32::MAX >> 1, u32::MAX >> 1), (8_192, 8_192)] {
        let refused = thumbnail(Cursor::new(png_header(width, height)), size(32, 32, true), DECODED_BYTES_MAX).unwrap_err();
        assert_eq!(refused.status, 413, "{width}x{height}");
    }
}
