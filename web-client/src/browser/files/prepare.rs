//! A file as it is to be sent: pictures smaller and without what they tell about places and cameras, unless they are to
//! stay as they are; and what others see before they fetch it.

use hearth_web_state::{
    files::{Failure, Picked, named_as, without_details},
    message::{FileKind, shown_type},
};
use js_sys::Uint8Array;
use web_sys::{Blob, File, ImageBitmap};

use super::{
    blob::{of_bytes, read},
    picture::{Drawn, bitmap, blurhash, draw},
    playable::look_at,
};

/// The larger side of a picture that is made smaller, in pixels.
const MAX_SIDE: u32 = 2_048;
/// The larger side of a thumbnail, in pixels.
const THUMBNAIL_SIDE: u32 = 800;
/// A picture of fewer bytes is its own thumbnail.
const THUMBNAIL_FROM: f64 = 200_000.0;
/// The largest PNG or GIF that is kept bit by bit, in bytes: it is read into memory for that.
const MAX_BARE: f64 = 8_000_000.0;

/// A file as it is to be sent.
pub(crate) struct Prepared {
    /// What it is.
    pub(crate) kind: FileKind,
    /// Its name.
    pub(crate) name: String,
    /// Its type.
    pub(crate) mime: String,
    /// Its bytes.
    pub(crate) blob: Blob,
    /// Width and height in pixels.
    pub(crate) dimensions: Option<(u32, u32)>,
    /// How long it plays, in milliseconds.
    pub(crate) duration_ms: Option<u64>,
    /// Colours that stand for it.
    pub(crate) blurhash: Option<String>,
    /// A smaller picture of it.
    pub(crate) thumbnail: Option<Thumbnail>,
}

/// A smaller picture.
pub(crate) struct Thumbnail {
    /// Its bytes.
    pub(crate) blob: Blob,
    /// Width and height in pixels.
    pub(crate) dimensions: (u32, u32),
}

/// Prepares a file.
///
/// # Errors
/// [`Failure::UnknownPicture`] when a picture is to be made anew and the browser cannot read it.
pub(crate) async fn prepare(picked: &Picked<File>) -> Result<Prepared, Failure> {
    let file = &picked.file.source;
    let plain = Prepared {
        kind: FileKind::Other,
        name: picked.file.name.clone(),
        mime: if picked.file.mime.is_empty() { "application/octet-stream".to_owned() } else { picked.file.mime.clone() },
        blob: file.slice().map_err(|_| Failure::Unreadable)?,
        dimensions: None,
        duration_ms: None,
        blurhash: None,
        thumbnail: None,
    };
    match picked.kind {
        FileKind::Picture | FileKind::Sticker => picture(plain, picked.original).await,
        FileKind::Video | FileKind::Sound => {
            let kind = picked.kind;
            let seen = look_at(file, kind == FileKind::Video).await;
            let found = Prepared { kind, duration_ms: seen.duration_ms, ..plain };
            Ok(match seen.frame {
                Some(frame) => with_picture(found, &frame, None).await,
                None => found,
            })
        }
        FileKind::Other => Ok(plain),
    }
}

async fn picture(plain: Prepared, original: bool) -> Result<Prepared, Failure> {
    let seen = bitmap(&plain.blob).await;
    let (Some(seen), true) = (&seen, original) else {
        let seen = match seen {
            Some(seen) => seen,
            // It is sent as any file: others could not read it as a picture either.
            None if original => return Ok(plain),
            None => return Err(Failure::UnknownPicture),
        };
        return made_anew(plain, &seen).await.ok_or(Failure::UnknownPicture);
    };
    if shown_type(FileKind::Picture, Some(&plain.mime)).is_none() {
        return Ok(plain);
    }
    Ok(with_picture(Prepared { kind: FileKind::Picture, ..plain }, seen, None).await)
}

/// The picture without what it tells about itself, and not larger than anybody's screen.
async fn made_anew(plain: Prepared, seen: &ImageBitmap) -> Option<Prepared> {
    let is_large = seen.width().max(seen.height()) > MAX_SIDE;
    if !is_large
        && plain.blob.size() <= MAX_BARE
        && let Some(blob) = bare(&plain.blob, &plain.mime).await
    {
        return Some(with_picture(Prepared { kind: FileKind::Picture, blob, ..plain }, seen, None).await);
    }
    // Drawings and screens stay sharp; photographs stay small.
    let mime = if matches!(plain.mime.as_str(), "image/png" | "image/gif") { "image/png" } else { "image/jpeg" };
    let Drawn { blob, width, height } = draw(seen, MAX_SIDE, mime).await?;
    let name = named_as(&plain.name, mime);
    let drawn = Prepared { kind: FileKind::Picture, name, mime: mime.to_owned(), blob, ..plain };
    Some(with_picture(drawn, seen, Some((width, height))).await)
}

async fn bare(blob: &Blob, mime: &str) -> Option<Blob> {
    if !matches!(mime, "image/png" | "image/gif") {
        return None;
    }
    let bytes: Uint8Array = read(blob, 0.0, blob.size()).await?;
    of_bytes(&without_details(&bytes.to_vec())?, mime)
}

/// Adds what is seen of it: its size, colours, and a smaller picture if that is worth fetching first.
async fn with_picture(file: Prepared, seen: &ImageBitmap, size: Option<(u32, u32)>) -> Prepared {
    let (width, height) = size.unwrap_or((seen.width(), seen.height()));
    let is_worth_it = file.kind == FileKind::Video || file.blob.size() > THUMBNAIL_FROM;
    let drawn = if is_worth_it { draw(seen, THUMBNAIL_SIDE, "image/webp").await } else { None };
    let thumbnail = drawn.map(|drawn| Thumbnail { blob: drawn.blob, dimensions: (drawn.width, drawn.height) });
    let blurhash = blurhash(seen);
    seen.close();
    Prepared { dimensions: Some((width, height)), blurhash, thumbnail, ..file }
}
