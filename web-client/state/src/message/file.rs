//! A file in a message: what it is, where it is kept, and how it is opened. Not its bytes.

use std::fmt;

/// The largest box that a picture has in the log, and the smallest side of one, in pixels.
const MAX_BOX: (f64, f64) = (420.0, 340.0);
const MIN_SIDE: f64 = 48.0;
/// The box of a picture that does not say how large it is.
const UNKNOWN_BOX: (u32, u32) = (320, 240);

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it is.
    pub kind: FileKind,
    /// Its name, as its sender has it.
    pub name: String,
    /// What its sender wrote with it.
    pub caption: Option<String>,
    /// How many bytes it has, as its sender says.
    pub size: Option<u64>,
    /// Its type, as its sender says.
    pub mime: Option<String>,
    /// Width and height in pixels, as its sender says.
    pub dimensions: Option<(u32, u32)>,
    /// How long it plays, in milliseconds, as its sender says.
    pub duration_ms: Option<u64>,
    /// A few colours that stand for the picture until it is there.
    pub blurhash: Option<String>,
    /// Where it is; `None` when it is kept or encrypted in a way that this version does not know.
    pub media: Option<Media>,
    /// A smaller picture of it.
    pub thumbnail: Option<Media>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A picture.
    Picture,
    /// A picture that stands for a feeling.
    Sticker,
    /// A video.
    Video,
    /// A sound.
    Sound,
    /// Anything else.
    Other,
}

/// Bytes that the server keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Its address, `mxc://server/id`.
    pub uri: String,
    /// How it is encrypted; `None` when it is not.
    pub cipher: Option<Cipher>,
}

/// How a file is encrypted: AES-CTR with a 256-bit key, version 2 of
/// <https://spec.matrix.org/v1.16/client-server-api/#sending-encrypted-attachments>.
#[derive(Clone, PartialEq, Eq)]
pub struct Cipher {
    /// The key.
    pub key: [u8; 32],
    /// The counter of the first block.
    pub iv: [u8; 16],
    /// SHA-256 of what is encrypted.
    pub sha256: [u8; 32],
}

impl fmt::Debug for Cipher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A key has no place in anything that is printed.
        formatter.write_str("Cipher")
    }
}

impl FileKind {
    /// The word in front of its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Picture => "Picture",
            Self::Sticker => "Sticker",
            Self::Video => "Video",
            Self::Sound => "Audio",
            Self::Other => "File",
        }
    }

    /// Whether it is a picture and nothing more.
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Picture | Self::Sticker)
    }
}

impl File {
    /// In words: "Picture: cat.png – asleep".
    pub fn summary(&self) -> String {
        let named = format!("{}: {}", self.kind.word(), self.name);
        self.caption.as_ref().map_or(named.clone(), |caption| format!("{named} – {caption}"))
    }

    /// Width and height of its box in the log, in pixels: known before the picture is there, and bounded, whatever its
    /// sender says.
    pub fn box_px(&self) -> (u32, u32) {
        let Some((width, height)) = self.dimensions.filter(|(width, height)| *width > 0 && *height > 0) else {
            return UNKNOWN_BOX;
        };
        let (width, height) = (f64::from(width), f64::from(height));
        let scale = (MAX_BOX.0 / width).min(MAX_BOX.1 / height).min(1.0);
        let side = |length: f64, max: f64| (length * scale).clamp(MIN_SIDE, max).round() as u32;
        (side(width, MAX_BOX.0), side(height, MAX_BOX.1))
    }
}

impl Media {
    /// The path to fetch it by; `None` for an address that is none
    /// (<https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1mediadownloadservernamemediaid>).
    pub fn path(&self) -> Option<String> {
        let (server, id) = self.uri.strip_prefix("mxc://")?.split_once('/')?;
        let is_server = server.chars().all(|sign| sign.is_ascii_alphanumeric() || ".:-[]".contains(sign));
        let is_id = id.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_".contains(sign));
        let is_address = is_server && is_id && !server.is_empty() && !id.is_empty();
        is_address.then(|| format!("/_matrix/client/v1/media/download/{server}/{id}"))
    }
}

/// A picture for tests.
#[cfg(test)]
pub(crate) fn example_file(kind: FileKind, name: &str) -> File {
    File {
        kind,
        name: name.to_owned(),
        caption: None,
        size: None,
        mime: None,
        dimensions: None,
        duration_ms: None,
        blurhash: None,
        media: None,
        thumbnail: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Cipher, File, FileKind, Media, example_file};

    #[test]
    fn a_box_is_known_at_once_and_bounded() {
        let boxed = |dimensions| File { dimensions, ..example_file(FileKind::Picture, "a") }.box_px();
        for (dimensions, expected) in [
            (None, (320, 240)),
            (Some((0, 10)), (320, 240)),
            (Some((200, 100)), (200, 100)),
            (Some((4_000, 3_000)), (420, 315)),
            (Some((1_000, 4_000)), (85, 340)),
            (Some((u32::MAX, 1)), (420, 48)),
            (Some((1, u32::MAX)), (48, 340)),
        ] {
            assert_eq!(boxed(dimensions), expected, "{dimensions:?}");
        }
    }

    #[test]
    fn only_an_address_is_fetched() {
        let path = |uri: &str| Media { uri: uri.to_owned(), cipher: None }.path();
        assert_eq!(path("mxc://h.org:8/a_B-1").as_deref(), Some("/_matrix/client/v1/media/download/h.org:8/a_B-1"));
        for uri in
            ["https://h.org/a", "mxc://h.org", "mxc://h.org/", "mxc:///a", "mxc://h.org/../a", "mxc://h/a?b", "mxc://h/a/b"]
        {
            assert_eq!(path(uri), None, "{uri}");
        }
    }

    #[test]
    fn a_key_is_never_printed() {
        let cipher = Cipher { key: [7; 32], iv: [7; 16], sha256: [7; 32] };
        assert_eq!(format!("{cipher:?}"), "Cipher");
    }
}
