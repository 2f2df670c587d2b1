//! Messages from device to device, and that they were received; what the server itself has done.

use domain::{
    Fact,
    outbox::{FinishEffect, OutboxState},
    user::to_device::{
        ACKNOWLEDGED_MAX, AcknowledgeInbox, CONTENT_BYTES_MAX, Messages, NAME_BYTES_MAX, SendToDevice, ToDeviceKey,
    },
};
use ruma::{serde::Raw, to_device::DeviceIdOrAllDevices};

use crate::{
    ink::Ink,
    sessions::{account, alice},
    world::{Twins, World},
};

/// A message of so many bytes to all devices, with a type and a transaction id of so many bytes.
pub(crate) fn send(ink: &Ink, bytes: usize, event_type: usize, transaction: usize) -> SendToDevice {
    let content = Raw::from_json(ink.raw("", bytes));
    let key = ToDeviceKey {
        device_id: ink.text(255).into(),
        transaction_id: ink.text(transaction).into(),
        event_type: ink.text(event_type),
    };
    let messages = Messages::from([(alice(), [(DeviceIdOrAllDevices::AllDevices, content)].into())]);
    SendToDevice { sender: alice(), key, messages }
}

/// Messages to one device with a long id.
pub(crate) fn messages(world: &mut World, ink: &Ink) {
    let mut user = account();
    world.known.devices = [ink.text(255).into()].into();
    for accepted in [send(ink, 2, 0, 0), send(ink, 500, 1, 1), send(ink, CONTENT_BYTES_MAX, NAME_BYTES_MAX, NAME_BYTES_MAX)]
    {
        assert_eq!(world.accept(&mut user, accepted.clone()).len(), 2);
        world.pass(&user, accepted);
    }
    world.refuse(&user, send(ink, CONTENT_BYTES_MAX + 1, 1, 2), "M_TOO_LARGE");
    world.refuse(&user, send(ink, 2, NAME_BYTES_MAX + 1, 2), "M_INVALID_PARAM");
    world.refuse(&user, send(ink, 2, 1, NAME_BYTES_MAX + 1), "M_INVALID_PARAM");
    let list = Raw::from_json(serde_json::value::RawValue::from_string("[]".to_owned()).unwrap());
    let messages = Messages::from([(alice(), [(DeviceIdOrAllDevices::AllDevices, list)].into())]);
    world.refuse(&user, SendToDevice { messages, ..send(ink, 2, 1, 2) }, "M_BAD_JSON");

    world.known.inbox = (0..=ACKNOWLEDGED_MAX as u64).map(|number| u64::MAX - number).collect();
    let acknowledge = AcknowledgeInbox { user_id: alice(), device_id: ink.text(255).into(), until: u64::MAX };
    let facts = world.accept(&mut user, acknowledge.clone());
    assert!(matches!(&facts[..], [Fact::InboxAcknowledged(fact)] if fact.positions.len() == ACKNOWLEDGED_MAX));
    world.pass(&user, AcknowledgeInbox { until: 0, ..acknowledge });

    let mut outbox = Twins::<OutboxState>::default();
    [0, u64::MAX].into_iter().for_each(|position| drop(world.accept(&mut outbox, FinishEffect { position })));
}
