//! Keys that were refused, and why.
//!
//! The library keeps with a message why it could not be read when it came, and does not ask again. A refusal that comes
//! after the message would never be told.

use std::collections::HashMap;

use hearth_web_state::message::{Content, Missing};
use matrix_sdk::{deserialized_responses::WithheldCode, ruma::OwnedUserId};
use matrix_sdk_base::crypto::store::types::RoomKeyWithheldEntry;
use matrix_sdk_ui::timeline::{EncryptedMessage, EventTimelineItem};

/// Who refused which key of one chat.
#[derive(Default)]
pub(crate) struct Refusals(HashMap<String, (OwnedUserId, Missing)>);

impl Refusals {
    /// Remembers a refusal; that an old key is not given to who came later is none.
    pub(crate) fn add(&mut self, entry: RoomKeyWithheldEntry) {
        let why = match entry.content.withheld_code() {
            WithheldCode::Unverified => Missing::OnlyConfirmedDevices,
            WithheldCode::HistoryNotShared => return,
            _ => Missing::Withheld,
        };
        let Some(key) = entry.content.megolm_session_id() else { return };
        self.0.insert(key.to_owned(), (entry.sender, why));
    }

    /// Why a message cannot be read whose key has not arrived: nobody but its sender can have refused it.
    pub(super) fn reason(&self, event: &EventTimelineItem, content: Content) -> Content {
        let key = event.content().as_unable_to_decrypt().filter(|_| content == Content::Undecryptable(Missing::NotArrived));
        let Some(EncryptedMessage::MegolmV1AesSha2 { session_id, .. }) = key else { return content };
        match self.0.get(session_id) {
            Some((sender, why)) if sender == event.sender() => Content::Undecryptable(*why),
            _ => content,
        }
    }
}
