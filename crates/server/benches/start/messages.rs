//! Encrypted messages as records, made up: their ids and signatures have the right length and nothing else.

use event_log::{Class, Draft};
use ruma::OwnedRoomId;

/// About what a short message is when it is encrypted with megolm.
const CIPHERTEXT_BYTES: usize = 800;

/// Looks random, and is another one for each number.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn event_id(number: u64) -> String {
    format!("${:016x}{:016x}{:011x}", mixed(number), mixed(!number), number)
}

/// The message of this number in a room where its sender is joined.
pub(crate) fn record(room: &OwnedRoomId, number: u64) -> Draft {
    let (hash, signature) = ("h".repeat(43), "s".repeat(86));
    let pdu = format!(
        r#"{{"auth_events":["{auth}"],"content":{{"algorithm":"m.megolm.v1.aes-sha2","ciphertext":"{text}","device_id":"DEVICE","session_id":"{hash}"}},"depth":{depth},"hashes":{{"sha256":"{hash}"}},"origin_server_ts":{ts},"prev_events":["{previous}"],"room_id":"{room}","sender":"@alice:h","signatures":{{"h":{{"ed25519:1":"{signature}"}}}},"type":"m.room.encrypted"}}"#,
        auth = event_id(u64::MAX),
        text = "c".repeat(CIPHERTEXT_BYTES),
        depth = number + 20,
        ts = 1_700_000_000_000 + number,
        previous = event_id(number.wrapping_sub(1)),
    );
    let payload = format!(
        r#"{{"event_id":"{id}","pdu":{pdu},"transaction":{{"device_id":"DEVICE","id":"m{number}.7","path":{{"send":"m.room.encrypted"}},"user_id":"@alice:h"}}}}"#,
        id = event_id(number),
    );
    Draft {
        stream: format!("room:{room}"),
        kind: "room.pdu".to_owned(),
        kind_version: 1,
        class: Class::Plain,
        payload: payload.into_bytes(),
    }
}
