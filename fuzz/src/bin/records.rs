//! Whatever a disk or an export may hold: headers, payloads of every kind and version, lines. Nothing panics, and what is
//! read and written again reads as the same. The first line is kind and version; what follows is the payload.
#![no_main]

use std::sync::Arc;

use domain::Fact;
use event_log::{Epoch, Erased, Genesis, Header, KeyRotated, LogKey, MemoryBackend, SystemClock, decode_own, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    header(input);
    own(input);
    if let Some(end) = input.iter().position(|byte| *byte == b'\n') {
        fact(&input[..end], &input[end + 1..]);
    }
    // The first line is signed: what stands behind it is read only where that of a seed is left as it is.
    let _ =
        import(input, Arc::new(MemoryBackend::default()), LogKey::from_seed(&[42; 32]), Arc::new(SystemClock), &mut |_| {});
});

fn header(bytes: &[u8]) {
    if let Ok(header) = Header::decode(bytes) {
        assert_eq!(header.encode(), bytes, "a header has one form");
    }
}

fn own(bytes: &[u8]) {
    let _ = decode_own::<Genesis>(bytes);
    let _ = decode_own::<Erased>(bytes);
    let _ = decode_own::<KeyRotated>(bytes);
    let _ = decode_own::<Epoch>(bytes);
}

/// A payload of the kind and version that `head` names, as in `room.pdu 1`.
fn fact(head: &[u8], payload: &[u8]) {
    let Some((kind, version)) = std::str::from_utf8(head).ok().and_then(|head| head.split_once(' ')) else { return };
    let Ok(version) = version.parse() else { return };
    let Ok(fact) = Fact::decode(kind, version, payload) else { return };
    let written = fact.encode().expect("what was read is written");
    let again = Fact::decode(written.kind, written.version, &written.payload).expect("what was written is read");
    assert_eq!(again.encode().map(|again| again.payload).ok(), Some(written.payload), "it says the same");
}
