//! What is said about comparisons in a chat and can be read only later, because its key came after it: keys and messages
//! come by different polls. The library acts on the words of a comparison as they come; what it decrypts later it only
//! shows. Both sides would wait for each other until they gave up.

use std::collections::BTreeSet;

use futures_channel::mpsc::{self, UnboundedSender};
use futures_util::{StreamExt, pin_mut};
use hearth_web_state::verification::{Hearing, Said};
use matrix_sdk::{
    Room,
    deserialized_responses::TimelineEvent,
    event_cache::RedecryptorReport,
    ruma::{
        EventId, OwnedEventId, OwnedRoomId, OwnedUserId, RoomId,
        events::{
            AnyMessageLikeEventContent, AnySyncMessageLikeEvent, AnySyncTimelineEvent, SyncMessageLikeEvent,
            room::message::MessageType,
        },
    },
};
use matrix_sdk_base::crypto::Verification;

use crate::{browser, client::Account};

/// How far back it is looked for them. A comparison takes a dozen messages.
const MAX_LOOKED_AT: usize = 100;

/// A word, and the room where it was said.
#[derive(Clone)]
struct Word {
    room_id: OwnedRoomId,
    event: AnySyncMessageLikeEvent,
}

/// What is learned of messages.
enum News {
    /// It came, and can be read if it is a word at all.
    Came(Box<Word>),
    /// These can be read, perhaps only now.
    Readable(OwnedRoomId, BTreeSet<OwnedEventId>),
}

impl Account {
    /// Says to the library what it could not read at first, for as long as it is polled; `asked` is told who asks.
    pub(super) async fn follow_late_words(&self, asked: UnboundedSender<(OwnedUserId, String)>) {
        let cache = self.client.event_cache();
        if let Err(error) = cache.subscribe() {
            return browser::warn(&format!("following comparisons: {error}"));
        }
        // Where reports were lost, a comparison may have to be begun again.
        let readable = cache.subscribe_to_decryption_reports().filter_map(|report| {
            let Ok(RedecryptorReport::ResolvedUtds { room_id, events }) = report else { return std::future::ready(None) };
            std::future::ready(Some(News::Readable(room_id, events)))
        });
        let (sender, came) = mpsc::unbounded();
        let handler = self.client.add_event_handler(move |event: AnySyncMessageLikeEvent, room: Room| {
            if is_unread(&event) || flow_of(&event).is_some() {
                // Whoever listened is gone with the page.
                let _ = sender.unbounded_send(News::Came(Box::new(Word { room_id: room.room_id().to_owned(), event })));
            }
            std::future::ready(())
        });
        let _guard = self.client.event_handler_drop_guard(handler);
        let mut hearing = Hearing::default();
        let news = futures_util::stream::select(readable, came);
        pin_mut!(news);
        while let Some(news) = news.next().await {
            for word in self.words_to_say(news, &mut hearing).await {
                self.say(word, &asked).await;
            }
        }
    }

    /// What is to be said to the library, oldest first.
    async fn words_to_say(&self, news: News, hearing: &mut Hearing<Word>) -> Vec<Word> {
        match news {
            News::Came(word) => {
                let event_id = word.event.event_id().to_owned();
                if let Some(flow_id) = flow_of(&word.event) {
                    return hearing.heard(event_id.as_str(), Said { flow_id, word: *word }).into_iter().collect();
                }
                if !hearing.unread(event_id.as_str()) {
                    return Vec::new();
                }
                hearing.read(self.found(&word.room_id, &[event_id.to_string()].into()).await)
            }
            News::Readable(room_id, events) => {
                let late = hearing.late(events.iter().map(|id| id.as_str()));
                if late.is_empty() { Vec::new() } else { hearing.read(self.found(&room_id, &late).await) }
            }
        }
    }

    /// What these messages are: a word of a comparison, or not.
    async fn found(&self, room_id: &RoomId, ids: &BTreeSet<String>) -> Vec<(String, Option<Said<Word>>)> {
        let mut found = Vec::new();
        let Some(room) = self.client.get_room(room_id) else { return found };
        let Ok((cache, _guard)) = room.event_cache().await else { return found };
        let mut looked_at = 0;
        let ended = cache
            .rfind_map_event_in_memory_by(|event| {
                looked_at += 1;
                if let Some(id) = event.event_id().map(EventId::as_str).filter(|id| ids.contains(*id)) {
                    found.push((id.to_owned(), word_of(event, room_id)));
                }
                (looked_at >= MAX_LOOKED_AT).then_some(())
            })
            .await;
        if let Err(error) = ended {
            browser::warn(&format!("looking for a comparison: {error}"));
        }
        found
    }

    async fn say(&self, Word { room_id, event }: Word, asked: &UnboundedSender<(OwnedUserId, String)>) {
        let who_asks = is_request(&event).then(|| (event.sender().to_owned(), event.event_id().to_string()));
        let machine = self.base.olm_machine().await;
        let Some(machine) = machine.as_ref() else { return };
        // One that was taken would begin the exchange of keys again. One's own gives way to it, or not, as the library decides.
        let taken = flow_of(&event).and_then(|flow_id| machine.get_verification(event.sender(), &flow_id));
        if matches!(event, AnySyncMessageLikeEvent::KeyVerificationStart(_))
            && taken.is_some_and(|taken| matches!(taken, Verification::SasV1(sas) if !sas.we_started()))
        {
            return;
        }
        if let Err(error) = machine.receive_verification_event(&event.into_full_event(room_id)).await {
            browser::warn(&format!("hearing of a comparison: {error}"));
        } else if let Some(who_asks) = who_asks {
            // Whoever listened is gone with the page.
            let _ = asked.unbounded_send(who_asks);
        }
    }
}

fn word_of(event: &TimelineEvent, room_id: &RoomId) -> Option<Said<Word>> {
    let Ok(AnySyncTimelineEvent::MessageLike(event)) = event.raw().deserialize() else { return None };
    Some(Said { flow_id: flow_of(&event)?, word: Word { room_id: room_id.to_owned(), event } })
}

fn is_unread(event: &AnySyncMessageLikeEvent) -> bool {
    matches!(event, AnySyncMessageLikeEvent::RoomEncrypted(SyncMessageLikeEvent::Original(_)))
}

fn is_request(event: &AnySyncMessageLikeEvent) -> bool {
    let AnySyncMessageLikeEvent::RoomMessage(SyncMessageLikeEvent::Original(message)) = event else { return false };
    matches!(message.content.msgtype, MessageType::VerificationRequest(_))
}

/// Which comparison it belongs to, by the request's event id; `None` for everything else.
fn flow_of(event: &AnySyncMessageLikeEvent) -> Option<String> {
    use AnyMessageLikeEventContent as Content;
    if is_request(event) {
        return Some(event.event_id().to_string());
    }
    let about = match event.original_content()? {
        Content::KeyVerificationReady(content) => content.relates_to,
        Content::KeyVerificationStart(content) => content.relates_to,
        Content::KeyVerificationCancel(content) => content.relates_to,
        Content::KeyVerificationAccept(content) => content.relates_to,
        Content::KeyVerificationKey(content) => content.relates_to,
        Content::KeyVerificationMac(content) => content.relates_to,
        Content::KeyVerificationDone(content) => content.relates_to,
        _ => return None,
    };
    Some(about.event_id.to_string())
}
