//! Carrying out what people do in a conversation.

use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    message::Action,
    sendable::{Copies, Sendable, sendable},
    trouble::Trouble,
};
use matrix_sdk::{
    room::edit::EditedContent,
    ruma::{
        EventId,
        events::{
            AnyMessageLikeEventContent,
            room::message::{Relation, RoomMessageEventContentWithoutRelation},
        },
    },
    send_queue::{LocalEcho, LocalEchoContent, SendHandle},
};
use matrix_sdk_ui::timeline::{EventTimelineItem, TimelineEventItemId};

use super::OpenConversation;
use crate::{
    browser,
    client::trouble::{of_sdk, of_timeline},
};

/// How long a new chat may take to say that it is encrypted.
const ENCRYPTION_WAIT_MS: u32 = 10_000;
const ENCRYPTION_POLL_MS: u32 = 250;

/// A change to a message that the server does not have yet.
struct UnsentChange {
    handle: SendHandle,
    /// Whether it is tried again only when somebody asks for it.
    has_failed: bool,
}

impl UnsentChange {
    /// What waits in the queue, if it changes the message with this event id.
    fn of(id: &EventId, echo: LocalEcho) -> Option<Self> {
        let LocalEchoContent::Event { serialized_event, send_handle, send_error } = echo.content else { return None };
        let AnyMessageLikeEventContent::RoomMessage(message) = serialized_event.deserialize().ok()? else { return None };
        let Some(Relation::Replacement(change)) = message.relates_to else { return None };
        (change.event_id == id).then_some(Self { handle: send_handle, has_failed: send_error.is_some() })
    }
}

impl OpenConversation {
    /// Carries out one action. What is sent shows at once; the queue sends it when the connection allows.
    ///
    /// # Errors
    /// [`Trouble::NotEncrypted`] when the chat is not encrypted: no text is ever sent in the clear.
    /// [`Trouble::TooLong`] for what no event has room for: it would stop everything that is said after it.
    pub(crate) async fn act(&self, action: &Action) -> Result<(), Trouble> {
        match action {
            Action::Send { text } => {
                let content = self.content(text, Copies::One).await?;
                self.timeline.send(content.with_relation(None).into()).await.map(drop).map_err(|error| of_timeline(&error))
            }
            Action::Reply { to, text } => {
                let content = self.content(text, Copies::One).await?;
                let to = EventId::parse(to).map_err(|_| Trouble::Unknown)?;
                self.timeline.send_reply(content, to).await.map(drop).map_err(|error| of_timeline(&error))
            }
            Action::Edit { key, text } => {
                let content = EditedContent::RoomMessage(self.content(text, Copies::Two).await?);
                let id = self.id(key).await?;
                self.timeline.edit(&id, content).await.map_err(|error| of_timeline(&error))
            }
            Action::React { key, emoji } => {
                let id = self.id(key).await?;
                self.timeline.toggle_reaction(&id, emoji).await.map(drop).map_err(|error| of_timeline(&error))
            }
            Action::Delete { key } => {
                let id = self.id(key).await?;
                self.timeline.redact(&id, None).await.map_err(|error| of_timeline(&error))
            }
            Action::TryAgain { key } => {
                self.retry(key).await;
                Ok(())
            }
            Action::UndoChange { key } => {
                for change in self.unsent_changes(key).await {
                    self.give_up(&change.handle).await;
                }
                Ok(())
            }
            Action::Discard { key } => {
                if let Some(handle) = self.echo(key).await {
                    self.give_up(&handle).await;
                }
                Ok(())
            }
        }
    }

    /// What is typed, as a message that may be sent into this chat.
    async fn content(&self, text: &str, copies: Copies) -> Result<RoomMessageEventContentWithoutRelation, Trouble> {
        let Sendable { text, html, is_emote } = sendable(text, copies).ok_or(Trouble::TooLong)?;
        self.wait_until_encrypted().await?;
        Ok(match html {
            _ if is_emote => RoomMessageEventContentWithoutRelation::emote_plain(text),
            Some(html) => RoomMessageEventContentWithoutRelation::text_html(text, html),
            None => RoomMessageEventContentWithoutRelation::text_plain(text),
        })
    }

    async fn retry(&self, key: &str) {
        let changes = self.unsent_changes(key).await.into_iter().filter(|change| change.has_failed);
        for handle in self.echo(key).await.into_iter().chain(changes.map(|change| change.handle)) {
            if let Err(error) = handle.unwedge().await {
                browser::warn(&format!("sending again: {error}"));
            }
        }
        self.room().send_queue().set_enabled(true);
    }

    async fn give_up(&self, handle: &SendHandle) {
        if let Err(error) = handle.abort().await {
            browser::warn(&format!("discarding: {error}"));
        }
        // What was refused has stopped the queue, and what is said next waits in it.
        self.room().send_queue().set_enabled(true);
    }

    /// The changes to a message of the server's that wait in the queue. The timeline shows them in the message, and has
    /// no handle for them.
    async fn unsent_changes(&self, key: &str) -> Vec<UnsentChange> {
        let item = self.item(key).await;
        let Some(id) = item.as_ref().and_then(EventTimelineItem::event_id) else { return Vec::new() };
        match self.room().send_queue().subscribe().await {
            Ok((echoes, _)) => echoes.into_iter().filter_map(|echo| UnsentChange::of(id, echo)).collect(),
            Err(error) => {
                browser::warn(&format!("looking for unsent changes: {error}"));
                Vec::new()
            }
        }
    }

    /// Right after a chat was made the library may not know yet that it is encrypted; a send must never depend on that
    /// moment, so it waits for the answer and refuses to go out in the clear.
    pub(super) async fn wait_until_encrypted(&self) -> Result<(), Trouble> {
        for _ in 0..=(ENCRYPTION_WAIT_MS / ENCRYPTION_POLL_MS) {
            match self.room().latest_encryption_state().await {
                Ok(state) if state.is_encrypted() => return Ok(()),
                Ok(_) => {
                    if let Err(error) = self.room().request_encryption_state().await {
                        browser::warn(&format!("asking whether the chat is encrypted: {error}"));
                    }
                }
                Err(error) => return Err(of_sdk(&error)),
            }
            TimeoutFuture::new(ENCRYPTION_POLL_MS).await;
        }
        Err(Trouble::NotEncrypted)
    }

    async fn item(&self, key: &str) -> Option<EventTimelineItem> {
        let items = self.timeline.items().await;
        items.iter().find(|item| item.unique_id().0 == key)?.as_event().cloned()
    }

    async fn id(&self, key: &str) -> Result<TimelineEventItemId, Trouble> {
        self.item(key).await.map(|item| item.identifier()).ok_or(Trouble::Unknown)
    }

    async fn echo(&self, key: &str) -> Option<SendHandle> {
        self.item(key).await?.local_echo_send_handle()
    }
}
