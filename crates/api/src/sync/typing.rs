//! Who types, as the views' sync asks for it.

use engine::Engine;
use ruma::{OwnedUserId, RoomId};
use views::Reader;

/// The engine's typing hub, as the views ask it.
pub(super) struct EngineTyping<'a>(pub(super) &'a Engine);

impl views::sync::Typing for EngineTyping<'_> {
    fn newest(&self) -> u64 {
        self.0.ephemeral().newest()
    }

    fn since(&self, room: &RoomId, since: u64, reader: &Reader) -> Option<Vec<OwnedUserId>> {
        let hub = self.0.ephemeral();
        // A number from before a restart is larger than any of now.
        hub.typing_since(room, if since > hub.newest() { 0 } else { since }, |user| reader.ignores(user))
    }
}
