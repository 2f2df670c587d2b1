//! What is said about comparisons in a chat and can be read only later, because its key came after it: keys and messages
//! come by different polls. The library acts on the words of a comparison as they come; what it decrypts later it only
//! shows. Both sides would wait for each other until they gave up.

use std::collections::BTreeSet;

use futures_channel::mpsc::UnboundedSender;
use futures_util::{StreamExt, pin_mut};
use matrix_sdk::{
    deserialized_responses::TimelineEvent,
    event_cache::RedecryptorReport,
    ruma::{
        OwnedEventId, OwnedUserId, RoomId,
        events::{AnySyncMessageLikeEvent, AnySyncTimelineEvent, SyncMessageLikeEvent, room::message::MessageType},
    },
};

use crate::{browser, client::Account};

/// How far back it is looked for them. A comparison takes a dozen messages.
const MAX_LOOKED_AT: usize = 100;

impl Account {
    /// Hands to the library what it could not read at first, for as long as it is polled; `asked` is told who asks.
    pub(super) async fn follow_late_words(&self, asked: UnboundedSender<(OwnedUserId, String)>) {
        let cache = self.client.event_cache();
        if let Err(error) = cache.subscribe() {
            return browser::warn(&format!("following comparisons: {error}"));
        }
        let reports = cache.subscribe_to_decryption_reports();
        pin_mut!(reports);
        while let Some(report) = reports.next().await {
            // Where reports were lost, a comparison may have to be begun again.
            let Ok(RedecryptorReport::ResolvedUtds { room_id, events }) = report else { continue };
            for word in self.late_words(&room_id, &events).await {
                self.hear(word, &room_id, &asked).await;
            }
        }
    }

    /// Those of these events that belong to a comparison, oldest first.
    async fn late_words(&self, room_id: &RoomId, ids: &BTreeSet<OwnedEventId>) -> Vec<AnySyncMessageLikeEvent> {
        let mut words = Vec::new();
        let Some(room) = self.client.get_room(room_id) else { return words };
        let Ok((cache, _guard)) = room.event_cache().await else { return words };
        let mut looked_at = 0;
        let ended = cache
            .rfind_map_event_in_memory_by(|event| {
                looked_at += 1;
                if event.event_id().is_some_and(|id| ids.contains(id)) {
                    words.extend(word_of(event));
                }
                (looked_at >= MAX_LOOKED_AT).then_some(())
            })
            .await;
        if let Err(error) = ended {
            browser::warn(&format!("looking for a comparison: {error}"));
        }
        words.reverse();
        words
    }

    async fn hear(&self, word: AnySyncMessageLikeEvent, room_id: &RoomId, asked: &UnboundedSender<(OwnedUserId, String)>) {
        let who_asks = is_request(&word).then(|| (word.sender().to_owned(), word.event_id().to_string()));
        let machine = self.base.olm_machine().await;
        let Some(machine) = machine.as_ref() else { return };
        if let Err(error) = machine.receive_verification_event(&word.into_full_event(room_id.to_owned())).await {
            browser::warn(&format!("hearing of a comparison: {error}"));
        } else if let Some(who_asks) = who_asks {
            // Whoever listened is gone with the page.
            let _ = asked.unbounded_send(who_asks);
        }
    }
}

fn word_of(event: &TimelineEvent) -> Option<AnySyncMessageLikeEvent> {
    let Ok(AnySyncTimelineEvent::MessageLike(event)) = event.raw().deserialize() else { return None };
    let is_word = is_request(&event) || event.event_type().to_string().starts_with("m.key.verification.");
    is_word.then_some(event)
}

fn is_request(event: &AnySyncMessageLikeEvent) -> bool {
    let AnySyncMessageLikeEvent::RoomMessage(SyncMessageLikeEvent::Original(message)) = event else { return false };
    matches!(message.content.msgtype, MessageType::VerificationRequest(_))
}
