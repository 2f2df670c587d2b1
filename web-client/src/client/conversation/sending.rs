//! Sending a file: encrypted here, put on the server, and then a message that names it, by the same queue as all others.

use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    files::{Failure, Going, Stage},
    message::{Cipher, FileKind},
    sendable::{Copies, sendable},
    trouble::Trouble,
};
use matrix_sdk::ruma::{
    EventId, OwnedMxcUri, UInt,
    events::room::{
        EncryptedFile, EncryptedFileHashes, EncryptedFileInfo, ImageInfo, MediaSource, ThumbnailInfo, V2EncryptedFileInfo,
        message::{
            AudioInfo, AudioMessageEventContent, FileInfo, FileMessageEventContent, ImageMessageEventContent, MessageType,
            RoomMessageEventContentWithoutRelation, VideoInfo, VideoMessageEventContent,
        },
    },
};
use serde::Deserialize;
use web_sys::{Blob, File};

use super::OpenConversation;
use crate::{
    browser::files::{self, Prepared},
    client::{http::homeserver, token, trouble::of_timeline},
};

/// How often the server may ask for a pause, and how long one is when it does not say.
const MAX_PAUSES: u32 = 10;
const PAUSE_MS: u64 = 2_000;
const LONGEST_PAUSE_MS: u64 = 60_000;
/// How often it is looked at whether a file is still wanted during a pause.
const STEP_MS: u32 = 200;

/// Says how far a file is, and answers whether it is still wanted.
type Report<'a> = &'a dyn Fn(Stage) -> bool;

/// What the server says of an upload.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    content_uri: Option<OwnedMxcUri>,
    errcode: Option<String>,
    retry_after_ms: Option<u64>,
}

impl OpenConversation {
    /// Sends a file. Returns early, with nothing sent, when `report` answers that it is not wanted any more.
    ///
    /// # Errors
    /// Why it was not sent. Nothing is ever sent in the clear.
    pub(crate) async fn send_file(&self, going: &Going<File>, report: Report<'_>) -> Result<(), Failure> {
        if going.caption.as_deref().is_some_and(|caption| sendable(caption, Copies::One).is_none()) {
            return Err(Failure::Other(Trouble::TooLong));
        }
        self.wait_until_encrypted().await.map_err(Failure::Other)?;
        let prepared = files::prepare(&going.picked).await?;
        let max = self.max_bytes().await;
        if max.is_some_and(|max| prepared.blob.size() > max as f64) {
            return Err(Failure::TooLarge { max });
        }
        let thumbnail = match &prepared.thumbnail {
            Some(thumbnail) => match self.put(&thumbnail.blob, max, &|_| report(Stage::Preparing)).await? {
                Some(media) => Some(media),
                None => return Ok(()),
            },
            None => None,
        };
        let Some(media) = self.put(&prepared.blob, max, report).await? else { return Ok(()) };
        let kind = message_type(&prepared, media, thumbnail, going.caption.as_deref());
        let content = RoomMessageEventContentWithoutRelation::new(kind);
        let reply = going.reply.as_deref().map(EventId::parse).transpose().map_err(|_| Failure::Other(Trouble::Unknown))?;
        let sent = match reply {
            Some(to) => self.timeline.send_reply(content, to).await,
            None => self.timeline.send(content.with_relation(None).into()).await,
        };
        sent.map(drop).map_err(|error| Failure::Other(of_timeline(&error)))
    }

    async fn max_bytes(&self) -> Option<u64> {
        self.room().client().load_or_fetch_max_upload_size().await.ok().map(u64::from)
    }

    /// Encrypts a file and puts it on the server; `None` when it is not wanted any more.
    async fn put(&self, blob: &Blob, max: Option<u64>, report: Report<'_>) -> Result<Option<MediaSource>, Failure> {
        let Some((sealed, cipher)) = files::encrypt(blob, report).await? else { return Ok(None) };
        let url = format!("{}/_matrix/media/v3/upload", homeserver());
        for _ in 0..MAX_PAUSES {
            // Asked for each time: it may be another one after a pause.
            let token = self.room().client().access_token().ok_or(Failure::Other(Trouble::SessionEnded))?;
            let Some(answer) = files::upload(&url, &token, &sealed.blob, report).await else { return Ok(None) };
            let said: Said = serde_json::from_str(&answer.body).unwrap_or_default();
            match said.content_uri {
                // It may have been cancelled just before it was there.
                Some(uri) if answer.status == 200 => return Ok(report(Stage::Uploading(100)).then(|| source(uri, &cipher))),
                _ if answer.status == 429 => {
                    if !pause(said.retry_after_ms, report).await {
                        return Ok(None);
                    }
                }
                // Asked for another token at most as often as for a pause.
                _ if answer.status == 401 && token::renew(&self.room().client()).await => {}
                _ => return Err(Failure::of_upload(answer.status, said.errcode.as_deref(), said.retry_after_ms, max)),
            }
        }
        Err(Failure::Other(Trouble::TooManyTries { retry_after_s: None }))
    }
}

/// Waits as long as the server asks; `false` when the file is not wanted any more.
async fn pause(asked_ms: Option<u64>, report: Report<'_>) -> bool {
    let mut left_ms = asked_ms.unwrap_or(PAUSE_MS).min(LONGEST_PAUSE_MS);
    while left_ms > 0 {
        if !report(Stage::Pausing) {
            return false;
        }
        TimeoutFuture::new(STEP_MS).await;
        left_ms = left_ms.saturating_sub(u64::from(STEP_MS));
    }
    true
}

fn source(uri: OwnedMxcUri, cipher: &Cipher) -> MediaSource {
    let info = EncryptedFileInfo::V2(V2EncryptedFileInfo::encode(cipher.key, cipher.iv));
    MediaSource::Encrypted(Box::new(EncryptedFile::new(uri, info, EncryptedFileHashes::with_sha256(cipher.sha256))))
}

/// The message of a file. What is written with it is its body, and its name stands beside, as the specification says
/// (<https://spec.matrix.org/v1.16/client-server-api/#media-captions>).
fn message_type(file: &Prepared, source: MediaSource, thumbnail: Option<MediaSource>, caption: Option<&str>) -> MessageType {
    let name = file.name.clone();
    let body = caption.map_or_else(|| name.clone(), ToOwned::to_owned);
    let (size, mime) = (UInt::try_from(file.blob.size() as u64).ok(), Some(file.mime.clone()));
    let duration = file.duration_ms.map(std::time::Duration::from_millis);
    match file.kind {
        FileKind::Picture | FileKind::Sticker => {
            let mut content = ImageMessageEventContent::new(body, source);
            let mut info = ImageInfo::new();
            (info.size, info.mimetype) = (size, mime);
            (info.width, info.height) = sides(file.dimensions);
            info.blurhash = file.blurhash.clone();
            (info.thumbnail_info, info.thumbnail_source) = (thumbnail_info(file), thumbnail);
            (content.filename, content.info) = (Some(name), Some(Box::new(info)));
            MessageType::Image(content)
        }
        FileKind::Video => {
            let mut content = VideoMessageEventContent::new(body, source);
            let mut info = VideoInfo::new();
            (info.size, info.mimetype, info.duration) = (size, mime, duration);
            (info.width, info.height) = sides(file.dimensions);
            info.blurhash = file.blurhash.clone();
            (info.thumbnail_info, info.thumbnail_source) = (thumbnail_info(file), thumbnail);
            (content.filename, content.info) = (Some(name), Some(Box::new(info)));
            MessageType::Video(content)
        }
        FileKind::Sound => {
            let mut content = AudioMessageEventContent::new(body, source);
            let mut info = AudioInfo::new();
            (info.size, info.mimetype, info.duration) = (size, mime, duration);
            (content.filename, content.info) = (Some(name), Some(Box::new(info)));
            MessageType::Audio(content)
        }
        FileKind::Other => {
            let mut content = FileMessageEventContent::new(body, source);
            let mut info = FileInfo::new();
            (info.size, info.mimetype) = (size, mime);
            (content.filename, content.info) = (Some(name), Some(Box::new(info)));
            MessageType::File(content)
        }
    }
}

fn thumbnail_info(file: &Prepared) -> Option<Box<ThumbnailInfo>> {
    let thumbnail = file.thumbnail.as_ref()?;
    let mut info = ThumbnailInfo::new();
    (info.width, info.height) = sides(Some(thumbnail.dimensions));
    info.size = UInt::try_from(thumbnail.blob.size() as u64).ok();
    info.mimetype = Some(thumbnail.blob.type_());
    Some(Box::new(info))
}

fn sides(dimensions: Option<(u32, u32)>) -> (Option<UInt>, Option<UInt>) {
    dimensions.map_or((None, None), |(width, height)| (Some(width.into()), Some(height.into())))
}
