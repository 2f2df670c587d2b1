//! Muting chats, by push rules, so that other clients of the person know of it.

use futures_util::StreamExt;
use hearth_web_state::{chats::ChatsChange, trouble::Trouble};
use matrix_sdk::{
    notification_settings::RoomNotificationMode,
    ruma::{
        events::push_rules::PushRulesEvent,
        push::{Action, PushCondition, Ruleset},
    },
};

use super::Account;
use crate::browser;

/// The most chats that are muted as far as this client is concerned.
const MAX_MUTED: usize = 1_000;

impl Account {
    /// Mutes a chat for all devices, or lets it be heard again. That it is comes with the sync.
    ///
    /// # Errors
    /// [`Trouble::Unreachable`] when the server did not take it: the library does not say why.
    pub(crate) async fn set_muted(&self, chat_id: &str, muted: bool) -> Result<(), Trouble> {
        let room = self.room(chat_id)?;
        let settings = self.client.notification_settings().await;
        let done = if muted {
            settings.set_room_notification_mode(room.room_id(), RoomNotificationMode::Mute).await
        } else {
            settings.delete_user_defined_room_rules(room.room_id()).await
        };
        done.map_err(|_| Trouble::Unreachable)
    }

    /// Reports which chats are muted, now and on every change, for as long as it is polled.
    pub(crate) async fn watch_muted(&self, mut report: impl FnMut(ChatsChange)) {
        let observed = self.client.observe_events::<PushRulesEvent, ()>();
        let mut changes = observed.subscribe();
        match self.client.account().push_rules().await {
            Ok(rules) => report(ChatsChange::Muted(muted(&rules))),
            Err(error) => browser::warn(&format!("reading which chats are muted: {error}")),
        }
        while let Some((event, ())) = changes.next().await {
            report(ChatsChange::Muted(muted(&event.content.global)));
        }
    }
}

/// The chats of which a rule says before all others that nothing is told
/// (<https://spec.matrix.org/v1.16/client-server-api/#push-rules>).
fn muted(rules: &Ruleset) -> Vec<String> {
    let rules = rules.override_.iter().filter(|rule| rule.enabled && !rule.actions.iter().any(Action::should_notify));
    let of_one_chat = rules.flat_map(|rule| &rule.conditions).filter_map(|condition| match condition {
        PushCondition::EventMatch(found) if found.key == "room_id" => Some(found.pattern.clone()),
        _ => None,
    });
    of_one_chat.take(MAX_MUTED).collect()
}
