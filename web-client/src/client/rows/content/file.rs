//! Files of events, as [`File`].

use std::time::Duration;

use hearth_web_state::message::{Cipher, Content, File, FileKind, Media};
use matrix_sdk::ruma::{
    UInt,
    events::{
        room::{
            EncryptedFileHash, EncryptedFileHashAlgorithm, EncryptedFileInfo, ImageInfo, MediaSource,
            message::{
                AudioMessageEventContent, FileMessageEventContent, ImageMessageEventContent, VideoMessageEventContent,
            },
        },
        sticker::{StickerEventContent, StickerMediaSource},
    },
};

/// The longest hash of colours that is looked at.
const MAX_BLURHASH_LEN: usize = 200;

pub(super) fn of_image(image: &ImageMessageEventContent) -> Content {
    let file = named(FileKind::Picture, image.filename(), image.caption(), &image.source);
    content(with_image(file, image.info.as_deref()))
}

pub(super) fn of_sticker(sticker: &StickerEventContent) -> Content {
    let source = match &sticker.source {
        StickerMediaSource::Plain(uri) => MediaSource::Plain(uri.clone()),
        StickerMediaSource::Encrypted(file) => MediaSource::Encrypted(file.clone()),
        _ => return Content::Unknown(Some(sticker.body.clone())),
    };
    content(with_image(named(FileKind::Sticker, &sticker.body, None, &source), Some(&sticker.info)))
}

pub(super) fn of_video(video: &VideoMessageEventContent) -> Content {
    let mut file = named(FileKind::Video, video.filename(), video.caption(), &video.source);
    if let Some(info) = &video.info {
        file.size = info.size.map(u64::from);
        file.mime = info.mimetype.clone();
        file.dimensions = dimensions(info.width, info.height);
        file.duration_ms = info.duration.map(milliseconds);
        file.blurhash = blurhash(info.blurhash.as_ref());
        file.thumbnail = info.thumbnail_source.as_ref().and_then(media);
    }
    content(file)
}

pub(super) fn of_audio(audio: &AudioMessageEventContent) -> Content {
    let mut file = named(FileKind::Sound, audio.filename(), audio.caption(), &audio.source);
    if let Some(info) = &audio.info {
        file.size = info.size.map(u64::from);
        file.mime = info.mimetype.clone();
        file.duration_ms = info.duration.map(milliseconds);
    }
    content(file)
}

pub(super) fn of_file(other: &FileMessageEventContent) -> Content {
    let mut file = named(FileKind::Other, other.filename(), other.caption(), &other.source);
    if let Some(info) = &other.info {
        file.size = info.size.map(u64::from);
        file.mime = info.mimetype.clone();
    }
    content(file)
}

fn content(file: File) -> Content {
    Content::File(Box::new(file))
}

fn named(kind: FileKind, name: &str, caption: Option<&str>, source: &MediaSource) -> File {
    File {
        kind,
        name: name.to_owned(),
        caption: caption.map(ToOwned::to_owned),
        size: None,
        mime: None,
        dimensions: None,
        duration_ms: None,
        blurhash: None,
        media: media(source),
        thumbnail: None,
    }
}

fn with_image(mut file: File, info: Option<&ImageInfo>) -> File {
    if let Some(info) = info {
        file.size = info.size.map(u64::from);
        file.mime = info.mimetype.clone();
        file.dimensions = dimensions(info.width, info.height);
        file.blurhash = blurhash(info.blurhash.as_ref());
        file.thumbnail = info.thumbnail_source.as_ref().and_then(media);
    }
    file
}

/// Where a file is and how it is encrypted; `None` for a way that this version does not know.
fn media(source: &MediaSource) -> Option<Media> {
    let file = match source {
        MediaSource::Plain(uri) => return Some(Media { uri: uri.to_string(), cipher: None }),
        MediaSource::Encrypted(file) => file,
    };
    let EncryptedFileInfo::V2(info) = &file.info else { return None };
    let Some(EncryptedFileHash::Sha256(hash)) = file.hashes.get(&EncryptedFileHashAlgorithm::Sha256) else { return None };
    let cipher = Cipher { key: *info.k.as_inner(), iv: *info.iv.as_inner(), sha256: *hash.as_inner() };
    Some(Media { uri: file.url.to_string(), cipher: Some(cipher) })
}

fn dimensions(width: Option<UInt>, height: Option<UInt>) -> Option<(u32, u32)> {
    let side = |length: Option<UInt>| u32::try_from(u64::from(length?)).ok();
    Some((side(width)?, side(height)?))
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn blurhash(hash: Option<&String>) -> Option<String> {
    hash.filter(|hash| hash.len() <= MAX_BLURHASH_LEN).cloned()
}
