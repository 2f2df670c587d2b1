//! Types of files: what a file counts as, and which types the page shows. Whatever is not named here is only ever saved.

use super::FileKind;

/// What the page shows, and the ending of such a file. No SVG: it is a program.
const SHOWN: [(&str, FileKind, &str); 19] = [
    ("image/jpeg", FileKind::Picture, "jpg"),
    ("image/png", FileKind::Picture, "png"),
    ("image/webp", FileKind::Picture, "webp"),
    ("image/gif", FileKind::Picture, "gif"),
    ("image/avif", FileKind::Picture, "avif"),
    ("image/bmp", FileKind::Picture, "bmp"),
    ("video/mp4", FileKind::Video, "mp4"),
    ("video/webm", FileKind::Video, "webm"),
    ("video/ogg", FileKind::Video, "ogv"),
    ("video/quicktime", FileKind::Video, "mov"),
    ("audio/mpeg", FileKind::Sound, "mp3"),
    ("audio/mp4", FileKind::Sound, "m4a"),
    ("audio/aac", FileKind::Sound, "aac"),
    ("audio/ogg", FileKind::Sound, "ogg"),
    ("audio/opus", FileKind::Sound, "opus"),
    ("audio/webm", FileKind::Sound, "weba"),
    ("audio/wav", FileKind::Sound, "wav"),
    ("audio/x-wav", FileKind::Sound, "wav"),
    ("audio/flac", FileKind::Sound, "flac"),
];

/// The type without its parameters, in small letters.
fn essence(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The type under which the page shows a file of this kind, if it does at all. What its sender says is only looked up.
pub fn shown_type(kind: FileKind, mime: Option<&str>) -> Option<&'static str> {
    let kind = if kind == FileKind::Sticker { FileKind::Picture } else { kind };
    let mime = essence(mime?);
    SHOWN.iter().find(|(known, of, _)| *of == kind && *known == mime).map(|(known, ..)| *known)
}

/// What a file that somebody picked counts as. Every picture is one, because pictures tell places unless they are made
/// anew; whether the browser can read it shows then.
pub fn kind_of(mime: &str) -> FileKind {
    let mime = essence(mime);
    if mime.starts_with("image/") && mime != "image/svg+xml" {
        return FileKind::Picture;
    }
    SHOWN.iter().find(|(known, ..)| *known == mime).map_or(FileKind::Other, |(_, kind, _)| *kind)
}

/// The ending of the name of a file of this type.
pub(crate) fn extension(mime: &str) -> Option<&'static str> {
    SHOWN.iter().find(|(known, ..)| *known == mime).map(|(.., ending)| *ending)
}

#[cfg(test)]
mod tests {
    use super::{kind_of, shown_type};
    use crate::message::FileKind as K;

    #[test]
    fn only_known_types_are_shown_and_only_as_themselves() {
        for (kind, mime, expected) in [
            (K::Picture, Some("image/png"), Some("image/png")),
            (K::Sticker, Some("Image/WebP; x=y"), Some("image/webp")),
            (K::Picture, Some("image/svg+xml"), None),
            (K::Picture, Some("text/html"), None),
            (K::Picture, Some("video/mp4"), None),
            (K::Picture, None, None),
            (K::Video, Some("video/webm;codecs=vp8"), Some("video/webm")),
            (K::Sound, Some("audio/ogg"), Some("audio/ogg")),
            (K::Other, Some("image/png"), None),
            (K::Other, Some("text/html"), None),
        ] {
            assert_eq!(shown_type(kind, mime), expected, "{kind:?} {mime:?}");
        }
    }

    #[test]
    fn what_is_picked_counts_as_what_it_is() {
        for (mime, kind) in [
            ("image/jpeg", K::Picture),
            ("image/heic", K::Picture),
            ("image/svg+xml", K::Other),
            ("video/webm;codecs=vp8", K::Video),
            ("video/x-matroska", K::Other),
            ("audio/mpeg", K::Sound),
            ("text/html", K::Other),
            ("", K::Other),
        ] {
            assert_eq!(kind_of(mime), kind, "{mime}");
        }
    }
}
