//! Files of the program `age`, and what becomes of files that were changed.

use std::io::{Read as _, Write as _};

use super::{Identity, NoKey, Opening, Recipient, Sealing};

/// Written by `age-keygen` of age 1.1.1; the other files are encrypted to it by `age`.
const IDENTITY: &str = include_str!("fixtures/identity.txt");
/// Somebody else.
const OTHER: &str = "AGE-SECRET-KEY-1RGDN9V8MSMDKE6CVNWTWKYC6J439WE8QN68DW68S3PV4PG4ACYLQFW0V7Q";

fn identity() -> Identity {
    Identity::from_file_text(IDENTITY).unwrap()
}

fn opened(file: &[u8], identity: &Identity) -> std::io::Result<Option<Vec<u8>>> {
    let Some(mut opening) = Opening::new(file, identity)? else { return Ok(None) };
    let mut bytes = Vec::new();
    opening.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut sealing = Sealing::new(Vec::new(), &identity().recipient()).unwrap();
    for piece in bytes.chunks(10_007) {
        sealing.write_all(piece).unwrap();
    }
    sealing.finish().unwrap()
}

#[test]
fn files_of_the_program_age_open() {
    let short = opened(include_bytes!("fixtures/short.age"), &identity()).unwrap().unwrap();
    assert_eq!(short, b"A text that the program age has encrypted.\n");
    // The second of two recipients, and one byte more than a piece.
    let two_pieces = opened(include_bytes!("fixtures/two_pieces.age"), &identity()).unwrap().unwrap();
    assert!(two_pieces.len() == 65_537 && two_pieces.iter().all(|byte| *byte == 0));
    assert_eq!(opened(include_bytes!("fixtures/empty.age"), &identity()).unwrap().unwrap(), b"");
}

#[test]
fn keys_are_written_as_age_writes_them() {
    let public = IDENTITY.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    assert_eq!(identity().recipient().to_string(), public);
    assert_eq!(public.parse::<Recipient>().unwrap(), identity().recipient());
    let mistyped = public.replace('w', "x");
    for wrong in ["", "age1", "me@example.org", mistyped.as_str(), IDENTITY.lines().last().unwrap()] {
        assert_eq!(wrong.parse::<Recipient>(), Err(NoKey::Recipient), "{wrong}");
    }
    assert_eq!(Identity::from_file_text(public).unwrap_err(), NoKey::Identity);
}

#[test]
fn what_is_sealed_opens_for_the_recipient_alone() {
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let bytes: Vec<u8> = (0..length).map(|number: u32| number.to_le_bytes()[0]).collect();
        assert_eq!(opened(&sealed(&bytes), &identity()).unwrap().unwrap(), bytes, "{length} bytes");
    }
    assert!(opened(&sealed(b"secret"), &OTHER.parse().unwrap()).unwrap().is_none());
}

#[test]
fn changes_are_found() {
    let file = sealed(&[7; 70_000]);
    let head = file.windows(4).position(|window| window == b"\n---").unwrap();
    // The share, the wrapped key, the code of the head, the nonce, both pieces.
    for at in [35, head - 3, head + 10, head + 60, file.len() / 2, file.len() - 1] {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(!matches!(opened(&changed, &identity()), Ok(Some(_))), "byte {at}");
    }
    // The last of them is where the first piece ends.
    for length in [0, 10, head, head + 60, file.len() - 1, head + 49 + 16 + 65_536 + 16] {
        assert!(!matches!(opened(&file[..length], &identity()), Ok(Some(_))), "{length} bytes");
    }
}
