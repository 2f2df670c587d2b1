//! What is known of one message.

use hearth_web_state::message::{Device, Info, Reader, Trust};
use matrix_sdk_ui::timeline::{EventTimelineItem, TimelineItem};

use super::OpenConversation;
use crate::client::rows::{delivery_of, name_of, trust_of};

/// The most readers that are named.
const MAX_READERS: usize = 20;

impl OpenConversation {
    /// What is known of the message with this key; `None` when it is not there any more.
    pub(crate) async fn info(&self, key: &str) -> Option<Info> {
        let items = self.timeline.items().await;
        let at = items.iter().position(|item| item.unique_id().0 == key)?;
        let event = items.get(at)?.as_event()?;
        let is_sent = event.event_id().is_some();
        Some(Info {
            own: event.is_own(),
            sender_name: name_of(event),
            at_ms: event.timestamp().get().into(),
            delivery: delivery_of(event.send_state()),
            edited: event.content().as_message().is_some_and(matrix_sdk_ui::timeline::Message::is_edited),
            encrypted: encrypted(event).filter(|_| is_sent),
            trust: if is_sent { trust_of(event) } else { Trust::Fine },
            device: self.device_of(event).await,
            readers: self.readers(items.iter().skip(at).map(|item| &**item)).await,
        })
    }

    async fn device_of(&self, event: &EventTimelineItem) -> Option<Device> {
        let info = event.encryption_info()?;
        let id = info.sender_device.as_ref()?;
        let known = self.room().client().encryption().get_device(&info.sender, id).await.ok().flatten();
        let name = known.and_then(|device| device.display_name().map(ToOwned::to_owned));
        Some(Device { name, id: id.to_string() })
    }

    /// Whose receipts stand at these items: at a message and at what came after it.
    async fn readers(&self, items: impl Iterator<Item = &TimelineItem>) -> Vec<Reader> {
        let own_id = self.room().own_user_id();
        let receipts = items.filter_map(TimelineItem::as_event).flat_map(|event| event.read_receipts());
        let others = receipts.filter(|(user, _)| *user != own_id).take(MAX_READERS);
        let (users, times): (Vec<_>, Vec<_>) =
            others.map(|(user, receipt)| (user.clone(), receipt.ts.map(|at| at.get().into()))).unzip();
        let names = self.names(users).await;
        names.into_iter().zip(times).map(|(name, at_ms)| Reader { name, at_ms }).collect()
    }
}

/// Whether it was encrypted; `None` of what was deleted, of which nobody knows any more.
fn encrypted(event: &EventTimelineItem) -> Option<bool> {
    let content = event.content();
    (!content.is_redacted()).then(|| content.is_unable_to_decrypt() || event.encryption_info().is_some())
}
