//! Messages that are answered and not among the rows.
//!
//! They are asked for by themselves and not of the library's timeline, which tells nothing of where a quoted message
//! came from: a server could put anything above somebody's answer.

use hearth_web_state::message::Quote;
use matrix_sdk::ruma::EventId;
use matrix_sdk_ui::timeline::TimelineItemContent;

use super::OpenConversation;
use crate::client::rows::{content_of, short_name, trust_of_raw};

impl OpenConversation {
    /// The message with this event id as it stands above an answer; `None` when it cannot be had.
    pub(crate) async fn quote(&self, id: &str) -> Option<Quote> {
        let room = self.room();
        let event = room.load_or_fetch_event(&EventId::parse(id).ok()?, None).await.ok()?;
        let sender = event.sender()?;
        let trust = trust_of_raw(&event, room.encryption_state().is_encrypted());
        let member = room.get_member_no_sync(&sender).await.ok().flatten();
        let name = member.map_or_else(|| short_name(sender.as_str()), |member| member.name().to_owned());
        let content = content_of(&TimelineItemContent::from_event(room, event).await?)?;
        Some(Quote::new(id.to_owned(), name, trust, &content))
    }
}
