//! Checkpoints as signed notes, held against notes that another implementation wrote: the crate `signed_note` 0.2.0, whose
//! `Note::add_sigs` signed these texts with these keys, and whose `Note::verify` accepted the notes.

use event_log::{Checkpoint, LogKey, Position, verifier_key};

struct Vector {
    seed: u8,
    checkpoint: Checkpoint,
    verifier_key: &'static str,
    note: &'static str,
}

fn vector(seed: u8, origin: &str, numbers: [u64; 3], root: [u8; 32], texts: [&'static str; 2]) -> Vector {
    let [size, at_ms, position] = numbers;
    let checkpoint = Checkpoint { origin: origin.to_owned(), size, root, at_ms, position: Position(position) };
    Vector { seed, checkpoint, verifier_key: texts[0], note: texts[1] }
}

fn vectors() -> [Vector; 3] {
    [
        vector(
            7,
            "alice.example/log",
            [1, 0, 1],
            [0; 32],
            [
                "alice.example/log+0c86624d+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs",
                "alice.example/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nat_ms 0\nposition 1\n\n\
             — alice.example/log DIZiTTuSLaeq1Ri0+wiV6+FreED/KVPIQObBPPyGDnLzprHfbUchVsp60f2PpSonDouBmNqU/qI1bPxEn1hFOZL3vQI=\n",
            ],
        ),
        vector(
            0x42,
            "xn--bcher-kva.example:8448/log",
            [21_001, 1_700_000_000_000, 21_001],
            [0xff; 32],
            [
                "xn--bcher-kva.example:8448/log+f7306487+ASFS+NGbeR0kRTJC4V8uq2y3z/p7al7TAJeWDgaYgdsS",
                "xn--bcher-kva.example:8448/log\n21001\n//////////////////////////////////////////8=\nat_ms 1700000000000\n\
             position 21001\n\n\
             — xn--bcher-kva.example:8448/log 9zBkh36YWWoo7IwgyvQbCP7B3kjT5VYvYWcn/LhHDr1v3RdTYecHf4dIeTkJBD/2aNVsxeAfT1nJQm+\
             FaMBm9s6R+gQ=\n",
            ],
        ),
        vector(
            0xfe,
            "bücher.example/log",
            [u64::MAX; 3],
            std::array::from_fn(|n| u8::try_from(n).unwrap() * 7),
            [
                "bücher.example/log+135f102b+AcqYf3ps2GNCRkHUUA3H3rqXglM+4HHF8AvDALyFRSQ3",
                "bücher.example/log\n18446744073709551615\nAAcOFRwjKjE4P0ZNVFtiaXB3foWMk5qhqK+2vcTL0tk=\n\
             at_ms 18446744073709551615\nposition 18446744073709551615\n\n\
             — bücher.example/log E18QKyqgevH9yrkR3rblDLAPnpLtsyW4ABDWsT1JF8BQ8aUEgzYYZX91jN/IffKi/3x5VJJBOMp6HZP4L+1p9JX8hQY=\n",
            ],
        ),
    ]
}

/// The first vector's text, signed by the log and by a witness, by the same crate.
const WITNESSED: &str = "alice.example/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nat_ms 0\nposition 1\n\n\
    — alice.example/log DIZiTTuSLaeq1Ri0+wiV6+FreED/KVPIQObBPPyGDnLzprHfbUchVsp60f2PpSonDouBmNqU/qI1bPxEn1hFOZL3vQI=\n\
    — witness.example 8FgCWLfKpM5SVDFMBoBh4pnp5u5hE2zv5M3qHkK9TybGEOr7w/CfxRBeYaUh+7LR7zTWPtMq+mSFYAIVj26klgw2Sgk=\n";

#[test]
fn notes_are_those_of_another_implementation() {
    for vector in vectors() {
        let key = LogKey::from_seed(&[vector.seed; 32]);
        let origin = &vector.checkpoint.origin;
        assert_eq!(vector.checkpoint.sign(&key).unwrap().note, vector.note);
        assert_eq!(verifier_key(origin, &key.public()), vector.verifier_key);
        assert_eq!(Checkpoint::open(vector.note, origin, &key.public()).unwrap(), vector.checkpoint);
    }
}

#[test]
fn a_note_is_refused_with_what_is_wrong() {
    let [first, second, _] = vectors();
    let key = LogKey::from_seed(&[first.seed; 32]).public();
    let other = LogKey::from_seed(&[second.seed; 32]).public();
    let refused = |note: &str, origin: &str, key| Checkpoint::open(note, origin, key).unwrap_err();
    let (note, origin) = (first.note, first.checkpoint.origin.as_str());
    let signature = note.lines().last().unwrap();
    for (what, changed) in [
        ("not a signed note", String::new()),
        ("not a signed note", "\n\n".to_owned()),
        ("not a signed note", note.trim_end().to_owned()),
        ("not a signed note", note.replacen("\n\n", "\n", 1)),
        ("not a signed note", note.replace('—', "-")),
        ("not a signed note", note.replace("vQI=", "vQI")),
        ("not a signed note", format!("{note}\n")),
        ("not a signed note", note.replace('\n', "\r\n")),
        ("match its text", note.replacen("\n\n", "\n\n\n", 1)),
        ("match its text", note.replacen("position 1", "position 2", 1)),
        ("other signatures", WITNESSED.to_owned()),
        ("other signatures", format!("{note}{signature}\n")),
    ] {
        let why = refused(&changed, origin, &key);
        assert!(why.contains(what), "{changed:?}: {why}");
    }
    assert!(refused(note, origin, &other).contains("another key"));
    assert!(refused(note, "mallory.example/log", &key).contains("other signatures"));
}

#[test]
fn an_origin_that_cannot_name_a_key_signs_nothing() {
    let [first, ..] = vectors();
    let key = LogKey::from_seed(&[first.seed; 32]);
    for origin in ["", "a b", "a\u{a0}b", "a+b", "a\nb", "a\u{7}b", &"a".repeat(256)] {
        let checkpoint = Checkpoint { origin: origin.to_owned(), ..first.checkpoint.clone() };
        assert!(checkpoint.sign(&key).is_err(), "{origin:?}");
    }
}
