//! Messages that carry a mark, by which the tab that leads next knows whether they were sent.

use hearth_web_state::trouble::Trouble;
use matrix_sdk::{ruma::events::room::message::RoomMessageEventContent, send_queue::LocalEchoContent};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use super::Conversation;
use crate::{browser, client::trouble::of_timeline};

/// The mark in the content of a message; it is encrypted with it.
const MARK: &str = "org.hearth.mark";

#[derive(Deserialize)]
struct Marked {
    #[serde(default, rename = "org.hearth.mark")]
    mark: Option<String>,
}

impl Conversation {
    /// Sends a message.
    pub(super) async fn send(&self, content: RoomMessageEventContent, mark: Option<&str>) -> Result<(), Trouble> {
        let extra = mark.map(|mark| Map::from_iter([(MARK.to_owned(), Value::from(mark))]));
        let sent = self.timeline.send_with_extra_content(content.into(), extra).await;
        sent.map(drop).map_err(|error| of_timeline(&error))
    }

    /// Whether the message with this mark waits to be sent, or was sent lately.
    pub(crate) async fn has_marked(&self, mark: &str) -> bool {
        let is_it = |content: &RawValue| {
            serde_json::from_str::<Marked>(content.get()).is_ok_and(|content| content.mark.as_deref() == Some(mark))
        };
        // Of the two, the queue first: what leaves it meanwhile is in the other by then.
        match self.room().send_queue().subscribe().await {
            Ok((echoes, _)) => {
                let waits = echoes.iter().any(|echo| match &echo.content {
                    LocalEchoContent::Event { serialized_event, .. } => is_it(serialized_event.raw().0.json()),
                    LocalEchoContent::React { .. } | LocalEchoContent::Redaction { .. } => false,
                });
                if waits {
                    return true;
                }
            }
            Err(error) => browser::warn(&format!("looking for what waits to be sent: {error}")),
        }
        let Ok((cache, _guard)) = self.room().event_cache().await else { return false };
        let events = cache.events().await.unwrap_or_default();
        let content = |event: &matrix_sdk::deserialized_responses::TimelineEvent| {
            event.raw().get_field::<Box<RawValue>>("content").ok().flatten()
        };
        events.iter().rev().filter_map(content).any(|content| is_it(&content))
    }
}
