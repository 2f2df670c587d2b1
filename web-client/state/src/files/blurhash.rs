//! A few colours that stand for a picture until it is there (<https://blurha.sh>), written and read.

use std::f32::consts::PI;

const DIGITS: &[u8; 83] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
/// How many waves are kept of a picture, rightward and downward.
const WAVES: (usize, usize) = (4, 3);
/// The longest hash there is: nine waves by nine.
const MAX_LEN: usize = 4 + 2 * 81;

/// A colour in linear light: red, green, blue.
type Colour = [f32; 3];

/// The hash of a picture given as rows of red, green, blue and opacity; `None` when there are too few bytes.
pub fn encode(rgba: &[u8], width: usize, height: usize) -> Option<String> {
    if width == 0 || height == 0 || rgba.len() < width * height * 4 {
        return None;
    }
    let mut waves = Vec::with_capacity(WAVES.0 * WAVES.1);
    for down in 0..WAVES.1 {
        for right in 0..WAVES.0 {
            waves.push(wave(rgba, (width, height), (right, down)));
        }
    }
    let (mean, others) = waves.split_first()?;
    let largest = others.iter().flatten().fold(0.0_f32, |largest, part| largest.max(part.abs()));
    let step = ((largest * 166.0 - 0.5).max(0.0) as u32).min(82);
    let scale = (step as f32 + 1.0) / 166.0;
    let mut hash = String::new();
    write(&mut hash, (WAVES.0 - 1 + (WAVES.1 - 1) * 9) as u32, 1);
    write(&mut hash, step, 1);
    let [red, green, blue] = mean.map(to_srgb);
    write(&mut hash, red << 16 | green << 8 | blue, 4);
    for wave in others {
        let digit = wave.map(|part| ((part / scale).abs().sqrt().copysign(part) * 9.0 + 9.5).clamp(0.0, 18.0) as u32);
        write(&mut hash, digit.into_iter().fold(0, |sum, digit| sum * 19 + digit), 2);
    }
    Some(hash)
}

/// How much of one wave is in a picture.
fn wave(rgba: &[u8], (width, height): (usize, usize), (right, down): (usize, usize)) -> Colour {
    let weight = if (right, down) == (0, 0) { 1.0 } else { 2.0 };
    let mut sum = [0.0; 3];
    for (at, pixel) in rgba.chunks_exact(4).take(width * height).enumerate() {
        // In the middle of each pixel, where a plain picture has no waves.
        let middle = |at: usize, of: usize| (at as f32 + 0.5) / of as f32;
        let (x, y) = (middle(at % width, width), middle(at / width, height));
        let height_here = (PI * right as f32 * x).cos() * (PI * down as f32 * y).cos();
        for (sum, part) in sum.iter_mut().zip(pixel) {
            *sum += height_here * to_linear(u32::from(*part));
        }
    }
    sum.map(|sum| sum * weight / (width * height) as f32)
}

/// Rows of red, green and blue that look like the hash; `None` for what is no hash.
pub(super) fn decode(hash: &str, width: usize, height: usize) -> Option<Vec<u8>> {
    if hash.len() > MAX_LEN || !hash.is_ascii() {
        return None;
    }
    let size = read(hash, 0, 1)? as usize;
    let (right, down) = (size % 9 + 1, size / 9 + 1);
    if hash.len() != 4 + 2 * right * down || down > 9 {
        return None;
    }
    let scale = (read(hash, 1, 1)? as f32 + 1.0) / 166.0;
    let mean = read(hash, 2, 4)?;
    let mut waves = vec![[mean >> 16, mean >> 8 & 255, mean & 255].map(|part| to_linear(part.min(255)))];
    for at in 1..right * down {
        let digits = read(hash, 4 + 2 * at, 2)?;
        waves.push([digits / 361, digits / 19 % 19, digits % 19].map(|digit| {
            let part = (digit as f32 - 9.0) / 9.0;
            part * part.abs() * scale
        }));
    }
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            pixels.extend(pixel(&waves, right, (x as f32 / width as f32, y as f32 / height as f32)));
        }
    }
    Some(pixels)
}

fn pixel(waves: &[Colour], right: usize, (x, y): (f32, f32)) -> [u8; 3] {
    let mut sum = [0.0; 3];
    for (at, wave) in waves.iter().enumerate() {
        let height_here = (PI * (at % right) as f32 * x).cos() * (PI * (at / right) as f32 * y).cos();
        for (sum, part) in sum.iter_mut().zip(wave) {
            *sum += part * height_here;
        }
    }
    sum.map(|part| to_srgb(part) as u8)
}

fn write(hash: &mut String, number: u32, digits: u32) {
    for place in (0..digits).rev() {
        let digit = number / 83_u32.pow(place) % 83;
        hash.push(char::from(DIGITS[digit as usize]));
    }
}

fn read(hash: &str, from: usize, digits: usize) -> Option<u32> {
    let digits = hash.as_bytes().get(from..from + digits)?;
    digits.iter().try_fold(0, |sum, digit| Some(sum * 83 + DIGITS.iter().position(|known| known == digit)? as u32))
}

fn to_linear(part: u32) -> f32 {
    let part = part as f32 / 255.0;
    if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

fn to_srgb(part: f32) -> u32 {
    let part = part.clamp(0.0, 1.0);
    let curved = if part <= 0.003_130_8 { part * 12.92 } else { part.powf(1.0 / 2.4) * 1.055 - 0.055 };
    (curved * 255.0 + 0.5) as u32
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn known_hashes_are_read() {
        // The example of blurha.sh: a beach under the sky, on the whole a greyish brown.
        let pixels = decode("LEHV6nWB2yk8pyo0adR*.7kCMdnj", 32, 32).unwrap();
        assert_eq!(pixels.len(), 32 * 32 * 3);
        // One wave alone is one colour, here #808080.
        assert_eq!(decode("00Eyb[", 2, 1), Some(vec![128; 6]));
        for hash in ["", "0", "LEHV6n", "LEHV6nWB2yk8pyo0adR*.7kCMdn\"", "ä", &"L".repeat(1_000)] {
            assert_eq!(decode(hash, 4, 4), None, "{hash}");
        }
    }

    #[test]
    fn one_colour_stays_what_it_is() {
        let hash = encode(&[200, 30, 90, 255].repeat(16), 4, 4).unwrap();
        assert_eq!(hash.len(), 28);
        for pixel in decode(&hash, 4, 4).unwrap().chunks(3) {
            for (got, wanted) in pixel.iter().zip([200_u8, 30, 90]) {
                assert!(got.abs_diff(wanted) <= 3, "{pixel:?}");
            }
        }
    }

    #[test]
    fn what_is_written_looks_like_the_picture() {
        // Dark on the left, bright on the right, red below.
        let pixel = |at: usize| [if at / 16 > 8 { 220 } else { (at % 16 * 16) as u8 }, (at % 16 * 16) as u8, 40, 255];
        let picture: Vec<u8> = (0..256).flat_map(pixel).collect();
        let seen = decode(&encode(&picture, 16, 16).unwrap(), 16, 16).unwrap();
        let at = |x: usize, y: usize| &seen[(y * 16 + x) * 3..(y * 16 + x) * 3 + 3];
        assert!(at(14, 2)[1] > at(1, 2)[1] + 100);
        assert!(at(1, 14)[0] > at(1, 2)[0] + 80);
        assert_eq!(encode(&picture, 17, 16), None);
        assert_eq!(encode(&[], 0, 0), None);
    }
}
