//! How hard a password is to guess, roughly and without a network: an estimate to show while typing.
//!
//! It counts what an attacker would have to try: the alphabet to the length, less for repeats, runs, years, well-known
//! passwords and the person's own name. It is advice; the server decides what it accepts.

/// The shortest password the form accepts, in characters.
pub const MIN_PASSWORD_LEN: usize = 8;
/// The longest, in bytes, so that hashing it stays cheap for the server.
pub const MAX_PASSWORD_LEN: usize = 512;

const COMMON: [&str; 40] = [
    "password", "passwort", "qwerty", "qwertz", "azerty", "letmein", "welcome", "iloveyou", "monkey", "dragon", "football",
    "baseball", "master", "superman", "batman", "trustno1", "sunshine", "princess", "shadow", "michael", "jordan", "hunter",
    "freedom", "whatever", "starwars", "secret", "login", "admin", "changeme", "hello", "charlie", "donald", "computer",
    "internet", "summer", "winter", "spring", "autumn", "hearth", "matrix",
];
const RUNS: [&str; 4] = ["abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv"];

/// The four steps of the meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Not accepted by the form.
    TooShort,
    /// Guessed in minutes.
    Weak,
    /// Withstands guessing online, not a stolen database.
    Fair,
    /// Withstands most guessing.
    Good,
    /// Not guessed.
    Strong,
}

impl Strength {
    /// The word shown beside the meter.
    pub fn label(self) -> &'static str {
        match self {
            Self::TooShort => "Use at least 8 characters",
            Self::Weak => "Weak: easy to guess",
            Self::Fair => "Fair: a longer one is better",
            Self::Good => "Good",
            Self::Strong => "Strong",
        }
    }

    /// How many of the meter's four bars are lit.
    pub fn bars(self) -> usize {
        match self {
            Self::TooShort => 0,
            Self::Weak => 1,
            Self::Fair => 2,
            Self::Good => 3,
            Self::Strong => 4,
        }
    }
}

/// Estimates `password`; `own` are words an attacker knows already (username, e-mail, display name).
pub fn strength(password: &str, own: &[&str]) -> Strength {
    if password.chars().count() < MIN_PASSWORD_LEN {
        return Strength::TooShort;
    }
    match bits(password, own) {
        0..36 => Strength::Weak,
        36..52 => Strength::Fair,
        52..68 => Strength::Good,
        _ => Strength::Strong,
    }
}

/// Estimated bits of guessing work.
fn bits(password: &str, own: &[&str]) -> u32 {
    let lower = password.to_lowercase();
    let mut rest = lower.clone();
    let mut from_words = 0;
    let known = own.iter().flat_map(|word| word.split(['@', '.', ' ', '_', '-'])).filter(|word| word.chars().count() >= 3);
    for word in known.map(str::to_lowercase).chain(COMMON.iter().map(|word| (*word).to_owned())) {
        if rest.contains(&word) {
            rest = rest.replace(&word, "\u{0}");
            from_words += 6;
        }
    }
    let per_char = f64::from(alphabet(password)).log2();
    let mut counted = 0.0;
    let mut seen = std::collections::BTreeSet::new();
    let mut before = None;
    for c in rest.chars().filter(|c| *c != '\u{0}') {
        // A repeated or expected character adds little to what must be tried.
        let expected = before.is_some_and(|b| b == c || follows(b, c));
        counted += if expected {
            0.15
        } else if seen.insert(c) {
            1.0
        } else {
            0.6
        };
        before = Some(c);
    }
    from_words + whole(per_char * counted)
}

/// The estimate as a whole number of bits, at most 512; a cast would be the only lossy one in the crate.
fn whole(bits: f64) -> u32 {
    (0..512).take_while(|n| f64::from(*n) + 0.5 <= bits).count().try_into().unwrap_or(512)
}

/// Whether `b` follows `a` in the alphabet, among the digits or on a keyboard row, in either direction.
fn follows(a: char, b: char) -> bool {
    RUNS.iter().any(|run| {
        let (Some(x), Some(y)) = (run.find(a), run.find(b)) else { return false };
        x.abs_diff(y) == 1
    })
}

fn alphabet(password: &str) -> u32 {
    let has = |test: fn(char) -> bool| password.chars().any(test);
    let mut size = 0;
    size += if has(|c| c.is_ascii_lowercase()) { 26 } else { 0 };
    size += if has(|c| c.is_ascii_uppercase()) { 26 } else { 0 };
    size += if has(|c| c.is_ascii_digit()) { 10 } else { 0 };
    size += if has(|c| c.is_ascii() && !c.is_ascii_alphanumeric()) { 33 } else { 0 };
    size += if has(|c| !c.is_ascii()) { 100 } else { 0 };
    size.max(2)
}

#[cfg(test)]
mod tests {
    use super::{Strength as S, strength};

    #[test]
    fn estimates() {
        for (password, expected) in [
            ("short", S::TooShort),
            ("password", S::Weak),
            ("Password1!", S::Weak),
            ("aaaaaaaaaaaa", S::Weak),
            ("12345678", S::Weak),
            ("abcdefghijkl", S::Weak),
            ("alice2026", S::Weak),
            ("kf7wq2mz", S::Fair),
            ("correct horse battery staple", S::Strong),
            ("V9#kd!2pQz&x", S::Strong),
        ] {
            assert_eq!(strength(password, &["alice", "alice@example.org"]), expected, "{password:?}");
        }
    }

    #[test]
    fn longer_is_never_worse() {
        let mut password = String::from("tr0ubad");
        let mut last = S::TooShort;
        for c in "ourXq9!kLmW".chars() {
            password.push(c);
            let now = strength(&password, &[]);
            assert!(now >= last, "{password:?} became weaker");
            last = now;
        }
    }
}
