//! The latest thing in a chat, as the list of chats shows it: what the log shows last, in the same words.

use hearth_web_state::{
    chats::Preview,
    message::{Content, Trust, Warning},
};
use matrix_sdk::{Room, deserialized_responses::TimelineEvent};
use matrix_sdk_ui::timeline::{LatestEventValue, LatestEventValueLocalState, RoomExt, TimelineItemContent};

use crate::client::{
    call_news::call_news,
    conversation::is_shown,
    rows::{content_of, short_name, trust_of_raw},
};

/// The latest thing in a chat, and the calls that were missed if that is a call.
pub(super) struct Latest {
    /// The line.
    pub(super) preview: Preview,
    /// When it happened.
    pub(super) at_ms: Option<u64>,
    /// Calls missed.
    pub(super) missed: u64,
}

/// Looks at what is known of the chat already; asks the server nothing.
pub(super) async fn latest(room: &Room) -> Latest {
    let at = |preview, at_ms: u64| Latest { preview, at_ms: Some(at_ms), missed: 0 };
    match room.latest_event().await {
        LatestEventValue::Remote { timestamp, is_own, content: TimelineItemContent::CallInvite, .. } => {
            latest_call(room, timestamp.get().into(), is_own).await
        }
        LatestEventValue::Local { timestamp, content, state, .. } => {
            let text = content_of(&content).map(|content| content.at_a_glance()).unwrap_or_default();
            let preview = match state {
                LatestEventValueLocalState::IsSending => Preview::Sending(text),
                LatestEventValueLocalState::HasBeenSent => Preview::Message { own: true, text },
                LatestEventValueLocalState::CannotBeSent => Preview::Failed(text),
            };
            at(preview, timestamp.get().into())
        }
        // An invitation that has been accepted since is nothing that was said.
        LatestEventValue::None | LatestEventValue::RemoteInvite { .. } => match last_shown(room).await {
            Some((preview, at_ms)) => at(preview, at_ms),
            None => Latest { preview: Preview::Empty, at_ms: None, missed: 0 },
        },
        LatestEventValue::Remote { timestamp, is_own, content, .. } => {
            let at_ms = timestamp.get().into();
            let found = last_shown(room).await.filter(|(_, newer_ms)| *newer_ms >= at_ms);
            let (preview, at_ms) = found.unwrap_or_else(|| (preview_of(&content, is_own, Trust::Fine, ""), at_ms));
            at(preview, at_ms)
        }
    }
}

async fn latest_call(room: &Room, invited_ms: u64, is_own: bool) -> Latest {
    let news = call_news(room).await;
    let going_on = if is_own { "You called" } else { "Called you" };
    // The end of a call comes after its invite; an earlier one belongs to an earlier call.
    let over = news.latest.filter(|row| row.at_ms >= invited_ms);
    let text = over.map_or_else(|| going_on.to_owned(), |row| row.words());
    Latest { preview: Preview::Message { own: false, text }, at_ms: Some(invited_ms), missed: news.missed }
}

/// The last message that the log shows of what is loaded, and when it was sent. The library's own notion of the latest
/// event leaves out what could not be decrypted and what was deleted, and does not say where an event came from.
async fn last_shown(room: &Room) -> Option<(Preview, u64)> {
    let rules = room.clone_info().room_version_rules_or_default();
    let (cache, _guard) = room.event_cache().await.ok()?;
    let is_message = |event: &TimelineEvent| {
        let event_type = event.raw().get_field::<String>("type").ok().flatten();
        let may_be = !event_type.is_some_and(|kind| kind.starts_with("m.call.") || kind == "m.room.member");
        may_be && event.raw().deserialize().is_ok_and(|event| is_shown(&event, &rules))
    };
    let found = cache.rfind_map_event_in_memory_by(|event| is_message(event).then(|| event.clone())).await.ok()??;
    let at_ms = found.timestamp()?.get().into();
    let sender = found.sender()?;
    let trust = trust_of_raw(&found, room.encryption_state().is_encrypted());
    let content = TimelineItemContent::from_event(room, found).await?;
    let own = sender == room.own_user_id();
    let member = room.get_member_no_sync(&sender).await.ok().flatten();
    let name = member.map_or_else(|| short_name(sender.as_str()), |member| member.name().to_owned());
    Some((preview_of(&content, own, trust, &name), at_ms))
}

fn preview_of(content: &TimelineItemContent, own: bool, trust: Trust, name: &str) -> Preview {
    match content_of(content) {
        None => Preview::Empty,
        Some(Content::Undecryptable(_)) => Preview::Undecryptable,
        Some(Content::Deleted) => Preview::Deleted,
        Some(_) if trust.warning() == Some(Warning::Block) => {
            Preview::Message { own: false, text: trust.words(name).unwrap_or_default() }
        }
        Some(content) => Preview::Message { own, text: content.at_a_glance() },
    }
}
