//! The current state of a room. As JSON it is the list of its PDUs, which have their types and keys in them.

use std::{collections::BTreeMap, sync::Arc};

use ruma::events::StateEventType;
use serde::{Deserialize, Deserializer, Serializer};

use crate::room::pdu::Pdu;

/// PDUs by type and key.
pub(super) type Current = BTreeMap<(StateEventType, String), Arc<Pdu>>;

/// Which piece of current state a PDU is; none when it is a message.
pub(super) fn slot_of(pdu: &Pdu) -> Option<(StateEventType, String)> {
    let state_key = pdu.state_key.clone()?;
    Some((StateEventType::from(pdu.event_type.to_string()), state_key))
}

pub(super) fn serialize<S: Serializer>(current: &Current, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(current.values())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Current, D::Error> {
    let pdus = Vec::<Arc<Pdu>>::deserialize(deserializer)?;
    Ok(pdus.into_iter().filter_map(|pdu| Some((slot_of(&pdu)?, pdu))).collect())
}
