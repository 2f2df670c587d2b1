//! The stand-in for a picture: initials and one of a fixed set of tones, the same for a person everywhere.

/// How many tones the style sheet defines (`--tone-0` and on).
pub const TONES: usize = 8;

/// One or two letters for a name; `?` when the name has none.
pub fn initials(name: &str) -> String {
    let mut words = name
        .split(|c: char| c.is_whitespace() || matches!(c, '.' | '_' | '-'))
        .filter_map(|word| word.trim_start_matches('@').chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    match (first, last) {
        (Some(a), Some(b)) => a.to_uppercase().chain(b.to_uppercase()).collect(),
        (Some(a), None) => a.to_uppercase().collect(),
        _ => "?".to_owned(),
    }
}

/// The tone of a user id, `0..TONES`, stable across reloads and devices (FNV-1a over its bytes).
pub fn tone(user_id: &str) -> usize {
    let hash = user_id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    usize::try_from((hash ^ (hash >> 32)) % TONES as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{TONES, initials, tone};

    #[test]
    fn initials_of_names() {
        for (name, expected) in [
            ("Alice", "A"),
            ("alice example", "AE"),
            ("Alice B. Carol", "AC"),
            ("@bob", "B"),
            ("", "?"),
            ("  ", "?"),
            ("🙂", "?"),
            ("élise", "É"),
        ] {
            assert_eq!(initials(name), expected, "{name:?}");
        }
    }

    #[test]
    fn tones_are_stable_and_in_range() {
        assert_eq!(tone("@alice:example.org"), tone("@alice:example.org"));
        let seen: std::collections::BTreeSet<_> = (0..200).map(|n| tone(&format!("@user{n}:example.org"))).collect();
        assert_eq!(seen.len(), TONES, "200 people should use every tone");
    }
}
