//! Headers: one encoding each, and nothing else is taken for it.

use event_log::{Class, Header, Position};
use proptest::prelude::*;

fn headers() -> impl Strategy<Value = Header> {
    let numbers = (any::<u64>(), any::<u64>(), any::<u64>(), any::<u16>(), any::<u16>(), any::<u16>());
    let digests = (any::<[u8; 32]>(), any::<[u8; 32]>());
    ("\\PC{1,40}", "[a-z.]{1,20}", any::<bool>(), numbers, digests).prop_map(
        |(stream, kind, secret, (count, position, at_ms, kind_version, rest, version), (payload_digest, previous))| Header {
            version,
            count,
            position: Position(position),
            at_ms,
            stream,
            kind,
            kind_version,
            class: if secret { Class::Secret } else { Class::Plain },
            rest,
            payload_digest,
            previous,
        },
    )
}

proptest! {
    #[test]
    fn a_header_decodes_to_itself(header in headers()) {
        prop_assert_eq!(Header::decode(&header.encode()).unwrap(), header);
    }

    #[test]
    fn canonical_bytes_are_what_a_sorting_serialiser_makes(header in headers()) {
        let bytes = header.encode();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(serde_json::to_vec(&value).unwrap(), bytes);
    }

    #[test]
    fn any_changed_byte_is_refused_or_is_another_header(header in headers(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut bytes = header.encode();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(other) = Header::decode(&bytes) {
            prop_assert!(other != header && other.encode() == bytes);
        }
    }
}

#[test]
fn other_spellings_of_the_same_header_are_refused() {
    let header = Header {
        version: 1,
        count: 1,
        position: Position(1),
        at_ms: 5,
        stream: "room:ä".to_owned(),
        kind: "a".to_owned(),
        kind_version: 1,
        class: Class::Plain,
        rest: 0,
        payload_digest: [0; 32],
        previous: [255; 32],
    };
    let text = String::from_utf8(header.encode()).unwrap();
    let spellings = [
        text.replace("\"at_ms\":5", "\"at_ms\": 5"),
        text.replace("\"at_ms\":5", "\"at_ms\":05"),
        text.replace("\"at_ms\":5", "\"at_ms\":5.0"),
        text.replace("ä", "\\u00e4"),
        text.replace("\"class\"", "\"extra\":1,\"class\""),
        text.replace("\"at_ms\":5,\"class\":\"plain\"", "\"class\":\"plain\",\"at_ms\":5"),
        text.replace("//8=\"", "//9=\""),
        text.replace("//8=\"", "//8\""),
        format!("{text}\n"),
        format!(" {text}"),
    ];
    for spelling in spellings {
        assert_ne!(spelling, text, "the replacement must change something");
        assert!(Header::decode(spelling.as_bytes()).is_err(), "{spelling}");
    }
}
