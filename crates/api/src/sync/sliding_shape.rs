//! The answer to sliding sync with all that every server sends: ruma leaves out `rooms` and `lists` when they are empty.

use std::collections::BTreeMap;

use ruma::{
    OwnedRoomId,
    api::client::sync::sync_events::v5::{
        Response,
        response::{Extensions, List, Room},
    },
};
use serde::Serialize;

/// A whole answer.
#[derive(Serialize)]
pub(super) struct Shape {
    #[serde(skip_serializing_if = "Option::is_none")]
    txn_id: Option<String>,
    pos: String,
    lists: BTreeMap<String, List>,
    rooms: BTreeMap<OwnedRoomId, Room>,
    extensions: Extensions,
}

impl From<Response> for Shape {
    fn from(response: Response) -> Self {
        let Response { txn_id, pos, lists, rooms, extensions, .. } = response;
        Self { txn_id, pos, lists, rooms, extensions }
    }
}
