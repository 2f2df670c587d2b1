//! A client that comes back with a token shows what it has received.

use domain::{Stream, user::to_device::AcknowledgeInbox};
use engine::Engine;

use crate::{error::ApiError, extract::Sender};

/// Messages forgotten by one request.
const ACKNOWLEDGED_MAX: usize = 500;

/// Forgets the to-device messages that the sender shows to have received by naming `position`.
pub(super) async fn acknowledge(engine: &Engine, sender: &Sender, position: u64) -> Result<(), ApiError> {
    let positions =
        views::inbox::delivered(&*engine.rows(), &sender.user_id, &sender.device_id, position, ACKNOWLEDGED_MAX)?;
    if positions.is_empty() {
        return Ok(());
    }
    let Sender { user_id, device_id } = sender.clone();
    let command = AcknowledgeInbox { user_id: user_id.clone(), device_id, positions };
    Ok(engine.submit(Stream::User(user_id), command).await?)
}
