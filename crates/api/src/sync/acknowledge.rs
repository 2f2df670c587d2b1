//! A client that comes back with a token shows what it has received.

use domain::user::to_device::AcknowledgeInbox;
use engine::Engine;

use crate::{error::ApiError, extract::Sender};

/// Forgets the to-device messages that the sender shows to have received by naming `position`.
pub(super) async fn acknowledge(engine: &Engine, sender: &Sender, position: u64) -> Result<(), ApiError> {
    // Most syncs have nothing to forget; they need no lane.
    if views::inbox::delivered(&*engine.rows(), &sender.user_id, &sender.device_id, position, 1)?.is_empty() {
        return Ok(());
    }
    let Sender { user_id, device_id, .. } = sender.clone();
    // Boxed, because every waiting poll holds this future.
    Ok(Box::pin(engine.submit(AcknowledgeInbox { user_id, device_id, until: position })).await?)
}
