//! What clients do: requests that are repeated until they succeed, under the same transaction id.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use domain::{
    Rejection,
    room::{SendMessage, TransactionKey, TransactionPath},
    user::{
        keys::{ClaimKeys, SIGNED_CURVE25519, UploadKeys},
        to_device::{AcknowledgeInbox, Messages, SendToDevice, ToDeviceKey},
    },
};
use engine::{Engine, SubmitError};
use ruma::{OwnedRoomId, events::TimelineEventType, serde::Raw, to_device::DeviceIdOrAllDevices};
use serde_json::json;
use testkit::TestDevice;
use views::Reader;

use crate::ledger::{DeviceKey, Ledger};

/// A client: a device, what it has received, and where it stands.
pub(crate) struct Client {
    pub(crate) device: TestDevice,
    /// The token of its last sync.
    since: u64,
    next_key: u32,
}

/// A request that is repeated until it succeeds.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    Message { client: usize, transaction: String },
    ToDevice { client: usize, transaction: String },
    Claim { owner: usize },
    Upload { client: usize },
}

/// What became of one attempt.
pub(crate) enum Attempt {
    Done,
    /// Not carried out as far as the client knows: it will try again.
    Failed,
}

impl Client {
    pub(crate) fn new(device: TestDevice) -> Self {
        Self { device, since: 0, next_key: 0 }
    }

    pub(crate) fn key(&self) -> DeviceKey {
        (self.device.user_id.clone(), self.device.device_id.clone())
    }
}

/// Tries a request once.
pub(crate) async fn attempt(
    request: &Request,
    clients: &mut [Client],
    room: &OwnedRoomId,
    engine: &Engine,
    ledger: &mut Ledger,
) -> Result<Attempt> {
    match request {
        Request::Message { client, transaction } => {
            let command = message(&clients[*client], room, transaction)?;
            let key = command.transaction.clone().context("a message of a client has a transaction")?;
            let Some(event_id) = outcome(engine.submit(command).await)? else {
                return Ok(Attempt::Failed);
            };
            ledger.message(key, event_id)?;
        }
        Request::ToDevice { client, transaction } => {
            let (marker, command) = to_device(clients, *client, transaction)?;
            let Some(()) = outcome(engine.submit(command).await)? else { return Ok(Attempt::Failed) };
            ledger.sent.extend(clients.iter().map(|client| (marker.clone(), client.key())));
        }
        Request::Claim { owner } => {
            let (owner, device_id) = clients[*owner].key();
            let devices = BTreeMap::from([(device_id, SIGNED_CURVE25519.to_owned())]);
            let command = ClaimKeys { owner: owner.clone(), devices, fallback_only: [].into() };
            // A claim that failed is not repeated: the client claims another key.
            let claimed = outcome(engine.submit(command).await)?.unwrap_or_default();
            for (device_id, (key_id, _)) in claimed {
                ledger.claim((owner.clone(), device_id), key_id)?;
            }
        }
        Request::Upload { client } => {
            let client = &mut clients[*client];
            let command = upload(client, 3)?;
            let Some(_) = outcome(engine.submit(command).await)? else { return Ok(Attempt::Failed) };
            client.next_key += 3;
        }
    }
    Ok(Attempt::Done)
}

/// A sync: acknowledges what the last one brought, and takes what is new.
pub(crate) async fn sync(client: &mut Client, engine: &Engine, ledger: &mut Ledger) -> Result<()> {
    let (user_id, device_id) = client.key();
    let acknowledge = AcknowledgeInbox { user_id: user_id.clone(), device_id: device_id.clone(), until: client.since };
    outcome(engine.submit(acknowledge).await)?;
    let up_to = engine.log().head().0;
    let rows = engine.rows();
    let reader = Reader::load(&*rows, &user_id)?;
    let page = views::inbox::inbox_page(&*rows, &reader, &device_id, (client.since, up_to), 100)?;
    for event in page.events {
        let marker: String = event
            .get_field::<serde_json::Value>("content")?
            .and_then(|content| Some(content.get("marker")?.as_str()?.to_owned()))
            .context("a message without a marker")?;
        ledger.receive(marker, client.key())?;
    }
    client.since = page.through;
    Ok(())
}

/// The reply; none when the request may be repeated. The rules refuse nothing that these clients do.
fn outcome<T>(result: Result<T, SubmitError>) -> Result<Option<T>> {
    match result {
        Ok(reply) => Ok(Some(reply)),
        Err(SubmitError::Rejected(Rejection { message, .. })) => anyhow::bail!("a request was refused: {message}"),
        Err(_) => Ok(None),
    }
}

fn message(client: &Client, room: &OwnedRoomId, transaction: &str) -> Result<SendMessage> {
    let (user_id, device_id) = client.key();
    let content = json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": transaction});
    let event_type = TimelineEventType::from("m.room.encrypted");
    let path = TransactionPath::Send(event_type.clone());
    Ok(SendMessage {
        room_id: room.clone(),
        sender: user_id.clone(),
        event_type,
        content: serde_json::from_value(content)?,
        transaction: Some(TransactionKey { device_id, id: transaction.into(), path: Some(path), user_id }),
    })
}

/// A message to every device there is. The marker says which one it is.
fn to_device(clients: &[Client], sender: usize, transaction: &str) -> Result<(String, SendToDevice)> {
    let (sender, device_id) = clients[sender].key();
    let marker = format!("{sender} {device_id} {transaction}");
    let content: Raw<_> = serde_json::from_value(json!({"marker": marker}))?;
    let mut messages = Messages::new();
    for (user_id, device_id) in clients.iter().map(Client::key) {
        messages.entry(user_id).or_default().insert(DeviceIdOrAllDevices::DeviceId(device_id), content.clone());
    }
    let event_type = "m.room.encrypted".to_owned();
    let key = ToDeviceKey { device_id, event_type, transaction_id: transaction.into() };
    Ok((marker, SendToDevice { sender, key, messages }))
}

/// Uploads the identity keys and `count` new one-time keys.
pub(crate) fn upload(client: &Client, count: u32) -> Result<UploadKeys> {
    let (user_id, device_id) = client.key();
    let numbers = client.next_key..client.next_key + count;
    let one_time = numbers.map(|number| client.device.one_time_key(number)).collect::<Result<_>>()?;
    let identity = Some(client.device.identity()?);
    Ok(UploadKeys { user_id, device_id, identity, one_time, fallback: BTreeMap::new() })
}
