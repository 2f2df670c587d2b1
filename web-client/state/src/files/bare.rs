//! Takes out of a PNG or GIF what is not the picture: texts, times, places. The picture itself stays as it is, bit by bit,
//! which drawing it anew does not promise, and moving pictures go on moving.

const PNG_START: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What a PNG needs to look as it does; everything else in it is about the picture.
const PNG_CHUNKS: [&[u8; 4]; 15] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"acTL",
    b"fcTL", b"fdAT",
];
/// Extensions of a GIF by programs that say how often it repeats.
const GIF_LOOPS: [&[u8]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];

/// The picture without what it tells about itself; `None` when it is neither a PNG nor a GIF, or is broken.
pub fn without_details(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.starts_with(PNG_START) {
        return bare_png(bytes);
    }
    if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        return bare_gif(bytes);
    }
    None
}

fn bare_png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = PNG_START.to_vec();
    let mut rest = bytes.get(PNG_START.len()..)?;
    loop {
        let length = u32::from_be_bytes(rest.first_chunk::<4>().copied()?);
        // Length, name and checksum stand around the data.
        let (chunk, after) = rest.split_at_checked(usize::try_from(length).ok()?.checked_add(12)?)?;
        let name = chunk.get(4..8)?;
        if PNG_CHUNKS.iter().any(|known| known.as_slice() == name) {
            out.extend_from_slice(chunk);
        }
        if name == b"IEND" {
            // What follows the end is no part of the picture.
            return Some(out);
        }
        rest = after;
    }
}

fn bare_gif(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = 13 + table_len(*bytes.get(10)?);
    let mut out = bytes.get(..head)?.to_vec();
    let mut rest = bytes.get(head..)?;
    loop {
        match *rest.first()? {
            0x3b => {
                out.push(0x3b);
                return Some(out);
            }
            0x2c => {
                let image = 10 + table_len(*rest.get(9)?);
                // One byte tells the size of codes.
                rest = pass(rest, image + 1, Some(&mut out))?;
            }
            0x21 => {
                let is_loop = GIF_LOOPS.iter().any(|name| rest.get(3..).is_some_and(|after| after.starts_with(name)));
                let keeps = match *rest.get(1)? {
                    0xf9 => true,
                    0xff => is_loop,
                    _ => false,
                };
                rest = pass(rest, 2, keeps.then_some(&mut out))?;
            }
            _ => return None,
        }
    }
}

/// The bytes of a table of colours, from the byte that says whether there is one and how large it is.
fn table_len(packed: u8) -> usize {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}

/// Passes over a head of `head` bytes and the blocks behind it, up to the empty one; what is passed is put into `out`.
fn pass<'a>(bytes: &'a [u8], head: usize, out: Option<&mut Vec<u8>>) -> Option<&'a [u8]> {
    let mut at = head;
    loop {
        let length = usize::from(*bytes.get(at)?);
        at = at.checked_add(length)?.checked_add(1)?;
        if length == 0 {
            break;
        }
    }
    let (passed, rest) = bytes.split_at_checked(at)?;
    if let Some(out) = out {
        out.extend_from_slice(passed);
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::{PNG_START, without_details};

    fn chunk(name: &str, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap_or_default().to_be_bytes();
        [&length, name.as_bytes(), data, &[0; 4]].concat()
    }

    #[test]
    fn a_png_keeps_its_picture_and_loses_its_texts() {
        let (start, picture, end) = (chunk("IHDR", &[1; 13]), chunk("IDAT", &[2; 40]), chunk("IEND", &[]));
        let told = [chunk("tEXt", b"GPS 52.5 13.4"), chunk("eXIf", b"MM"), chunk("tIME", &[0; 7])].concat();
        let png = [PNG_START, &start, &told, &picture, &end, b"hidden behind the end"].concat();
        assert_eq!(without_details(&png), Some([PNG_START, &start, &picture, &end].concat()));
        for cut in [0, 8, 20, 60, png.len() - 40] {
            assert_eq!(without_details(&png[..cut]), None, "cut at {cut}");
        }
        let huge = [PNG_START, &u32::MAX.to_be_bytes(), b"IDAT"].concat();
        assert_eq!(without_details(&huge), None);
    }

    #[test]
    fn a_gif_keeps_its_pictures_and_how_often_they_move() {
        let head = [&b"GIF89a"[..], &[1, 0, 1, 0, 0x80, 0, 0], &[0; 6]].concat();
        let repeats = [&[0x21, 0xff, 11][..], b"NETSCAPE2.0", &[3, 1, 0, 0, 0]].concat();
        let delay = [0x21, 0xf9, 4, 0, 5, 0, 0, 0];
        let comment = [&[0x21, 0xfe, 4][..], b"home", &[0]].concat();
        let place = [&[0x21, 0xff, 11][..], b"XMP DataXMP", &[2, 1, 1, 0]].concat();
        let image = [&[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0][..], &[2, 2, 0x44, 1, 0]].concat();
        let gif = [&head[..], &repeats, &comment, &delay, &place, &image, &[0x3b], b"after"].concat();
        assert_eq!(without_details(&gif), Some([&head[..], &repeats, &delay, &image, &[0x3b]].concat()));
        for cut in 6..gif.len() - 6 {
            assert_eq!(without_details(&gif[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn other_files_are_none_of_its_business() {
        assert_eq!(without_details(b""), None);
        assert_eq!(without_details(b"\xff\xd8\xff\xe1Exif"), None);
    }
}
