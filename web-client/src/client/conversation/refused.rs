//! Which keys of a chat other devices refused to give.

use std::future::ready;

use futures_util::{Stream, StreamExt, stream};
use matrix_sdk_base::crypto::store::types::RoomKeyWithheldEntry;

use super::OpenConversation;
use crate::{browser, client::rows::Refusals};

impl OpenConversation {
    /// The refusals that are known, and those that come from now on, without an end.
    pub(super) async fn refusals(&self) -> (Refusals, impl Stream<Item = RoomKeyWithheldEntry> + use<>) {
        let mut known = Refusals::default();
        let room_id = self.room().room_id().to_owned();
        let machine = self.base.olm_machine().await;
        let Some(machine) = machine.as_ref() else { return (known, stream::pending().left_stream()) };
        // Listened to before what is known is read, so that none is lost in between.
        let coming = machine.store().room_keys_withheld_received_stream();
        match machine.store().get_withheld_sessions_by_room_id(&room_id).await {
            Ok(entries) => entries.into_iter().for_each(|entry| known.add(entry)),
            Err(error) => browser::warn(&format!("reading which keys were refused: {error}")),
        }
        let of_chat = coming.flat_map(stream::iter).filter(move |refusal| ready(refusal.room_id == room_id));
        (known, of_chat.map(|refusal| refusal.withheld_event).chain(stream::pending()).right_stream())
    }
}
