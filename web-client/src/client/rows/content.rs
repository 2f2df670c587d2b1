//! What an event says, as [`Content`].

use hearth_web_state::{
    call::Signal,
    message::{Content, File, FileKind, Missing},
};
use matrix_sdk::ruma::events::room::message::{MessageFormat, MessageType};
use matrix_sdk_base::crypto::types::events::UtdCause;
use matrix_sdk_ui::timeline::{EncryptedMessage, MsgLikeKind, TimelineItemContent};

/// What an event says; `None` for what is no message.
pub(crate) fn content_of(content: &TimelineItemContent) -> Option<Content> {
    match content {
        TimelineItemContent::MsgLike(message) => of_kind(&message.kind),
        TimelineItemContent::FailedToParseMessageLike { event_type, .. }
            if Signal::is_call_type(&event_type.to_string()) =>
        {
            None
        }
        TimelineItemContent::FailedToParseMessageLike { .. } => Some(Content::Unknown(None)),
        TimelineItemContent::RtcNotification { .. } => Some(Content::Call),
        _ => None,
    }
}

fn of_kind(kind: &MsgLikeKind) -> Option<Content> {
    Some(match kind {
        MsgLikeKind::Message(message) => of_message(message.msgtype()),
        MsgLikeKind::Redacted => Content::Deleted,
        MsgLikeKind::UnableToDecrypt(encrypted) => Content::Undecryptable(missing(encrypted)),
        MsgLikeKind::Sticker(sticker) => file(FileKind::Sticker, &sticker.content().body, None),
        MsgLikeKind::Poll(poll) => Content::Poll(poll.results().question),
        MsgLikeKind::LiveLocation(place) => Content::Place(place.description().unwrap_or("live").to_owned()),
        MsgLikeKind::Other(_) => return None,
    })
}

fn of_message(message: &MessageType) -> Content {
    match message {
        MessageType::Text(text) => Content::Text(text.body.clone()),
        MessageType::Notice(notice) => Content::Notice(notice.body.clone()),
        MessageType::ServerNotice(notice) => Content::Notice(notice.body.clone()),
        MessageType::Emote(emote) => Content::Emote(emote.body.clone()),
        MessageType::Image(image) => file(FileKind::Picture, image.filename(), image.caption()),
        MessageType::Video(video) => file(FileKind::Video, video.filename(), video.caption()),
        MessageType::Audio(audio) => file(FileKind::Sound, audio.filename(), audio.caption()),
        MessageType::File(other) => file(FileKind::Other, other.filename(), other.caption()),
        MessageType::Location(location) => Content::Place(location.body.clone()),
        MessageType::VerificationRequest(_) => Content::Verification,
        other => Content::Unknown(Some(other.body().to_owned())),
    }
}

/// The text of a message as it was sent in HTML.
pub(crate) fn formatted_of(content: &TimelineItemContent) -> Option<String> {
    let formatted = match content.as_message()?.msgtype() {
        MessageType::Text(text) => text.formatted.as_ref(),
        MessageType::Notice(notice) => notice.formatted.as_ref(),
        _ => None,
    }?;
    (formatted.format == MessageFormat::Html).then(|| formatted.body.clone())
}

fn file(kind: FileKind, name: &str, caption: Option<&str>) -> Content {
    let name = caption.map_or_else(|| name.to_owned(), |caption| format!("{name} – {caption}"));
    Content::File(File { kind, name })
}

fn missing(encrypted: &EncryptedMessage) -> Missing {
    let EncryptedMessage::MegolmV1AesSha2 { cause, .. } = encrypted else { return Missing::UnknownWay };
    match cause {
        UtdCause::Unknown => Missing::NotArrived,
        UtdCause::SentBeforeWeJoined => Missing::BeforeJoining,
        UtdCause::VerificationViolation => Missing::ChangedIdentity,
        UtdCause::UnsignedDevice => Missing::UnsignedDevice,
        UtdCause::UnknownDevice => Missing::UnknownDevice,
        UtdCause::HistoricalMessageAndBackupIsDisabled => Missing::NoBackup,
        UtdCause::HistoricalMessageAndDeviceIsUnverified => Missing::Locked,
        UtdCause::WithheldForUnverifiedOrInsecureDevice => Missing::OnlyConfirmedDevices,
        UtdCause::WithheldBySender => Missing::Withheld,
    }
}
