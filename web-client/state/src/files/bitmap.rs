//! The blurred picture of a hash as an address that a style can name, so that it needs no canvas.

use super::blurhash::decode;

/// Pixels a side: a row of 20 is a multiple of four bytes, as a bitmap wants it.
const SIDE: usize = 20;
const HEAD_LEN: usize = 54;
const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `data:image/bmp;base64,…`, a square to be stretched; `None` for what is no hash.
pub fn blurred(hash: &str) -> Option<String> {
    let pixels = decode(hash, SIDE, SIDE)?;
    Some(format!("data:image/bmp;base64,{}", base64(&bitmap(&pixels))))
}

/// A bitmap of 24 bits: its lowest row first, each pixel blue, green, red.
fn bitmap(pixels: &[u8]) -> Vec<u8> {
    let number = |number: usize| (number as u32).to_le_bytes();
    let mut out = b"BM".to_vec();
    for part in [HEAD_LEN + pixels.len(), 0, HEAD_LEN, 40, SIDE, SIDE] {
        out.extend(number(part));
    }
    out.extend([1, 0, 24, 0]);
    for part in [0, pixels.len(), 0, 0, 0, 0] {
        out.extend(number(part));
    }
    for row in pixels.chunks(SIDE * 3).rev() {
        for pixel in row.chunks(3) {
            out.extend(pixel.iter().rev());
        }
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= group.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{HEAD_LEN, SIDE, base64, bitmap, blurred};

    #[test]
    fn bytes_are_written_as_text() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_bitmap_says_what_it_is() {
        let mut pixels = vec![0; SIDE * SIDE * 3];
        pixels[..3].copy_from_slice(&[1, 2, 3]);
        let bitmap = bitmap(&pixels);
        assert_eq!(bitmap.len(), HEAD_LEN + pixels.len());
        assert_eq!(&bitmap[..6], [b'B', b'M', 230, 4, 0, 0]);
        assert_eq!(&bitmap[10..30], [54, 0, 0, 0, 40, 0, 0, 0, 20, 0, 0, 0, 20, 0, 0, 0, 1, 0, 24, 0]);
        // The uppermost row is the last.
        let last_row = HEAD_LEN + SIDE * (SIDE - 1) * 3;
        assert_eq!(&bitmap[last_row..last_row + 3], [3, 2, 1]);
    }

    #[test]
    fn only_a_hash_has_a_picture() {
        assert!(blurred("LEHV6nWB2yk8pyo0adR*.7kCMdnj").is_some_and(|url| url.starts_with("data:image/bmp;base64,Qk3m")));
        assert_eq!(blurred("url(https://h.org)"), None);
    }
}
