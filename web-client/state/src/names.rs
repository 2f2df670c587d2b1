//! Names that people give themselves: what of them is shown, and which of them could be meant to deceive.
//!
//! Whether two names look alike is not decided here: whoever asks brings skeletons, forms that are equal for names that
//! look alike.

/// The longest name shown, in characters.
const MAX_NAME_CHARS: usize = 100;
/// More marks than this above and below one letter are for covering the lines around it.
const MAX_MARKS: usize = 3;

/// A name without signs that cannot be seen or that turn the direction of writing, on one line and bounded; `None` when
/// nothing is left of it.
pub fn shown(raw: &str) -> Option<String> {
    let mut name = String::new();
    let mut marks = 0;
    for (count, c) in raw.chars().filter(|c| !is_hidden(*c)).enumerate() {
        if count >= MAX_NAME_CHARS {
            break;
        }
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if marks > MAX_MARKS {
            continue;
        }
        if !c.is_whitespace() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with(' ') {
            name.push(' ');
        }
    }
    name.truncate(name.trim_end().len());
    // Joiners alone are a name that nobody sees.
    name.chars().any(|c| !is_joiner(c)).then_some(name)
}

/// Whether a name has something in it that honest names hardly have: signs that cannot be seen, or letters of two
/// alphabets with common shapes in one word.
pub fn is_odd(raw: &str) -> bool {
    raw.chars().any(|c| is_hidden(c) && !c.is_whitespace()) || raw.split(|c: char| !c.is_alphabetic()).any(mixes_alphabets)
}

/// Signs without a shape, and those that turn the direction of what follows.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// They make one picture of several and part letters in Persian and Indic scripts.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// The alphabets that have letters of the same shapes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
}

fn alphabet(c: char) -> Option<Alphabet> {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Some(Alphabet::Latin),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Alphabet::Greek),
        '\u{400}'..='\u{52f}' => Some(Alphabet::Cyrillic),
        '\u{531}'..='\u{587}' => Some(Alphabet::Armenian),
        '\u{13a0}'..='\u{13fd}' => Some(Alphabet::Cherokee),
        _ => None,
    }
}

fn mixes_alphabets(word: &str) -> bool {
    let mut alphabets = word.chars().filter_map(alphabet);
    alphabets.next().is_some_and(|first| alphabets.any(|other| other != first))
}

#[cfg(test)]
mod tests {
    use super::{is_odd, shown};

    #[test]
    fn what_cannot_be_seen_is_not_shown() {
        for (raw, expected) in [
            ("Alice", Some("Alice")),
            ("  Alice \n Smith ", Some("Alice Smith")),
            ("Al\u{200b}ice\u{202e}", Some("Alice")),
            ("\u{2066}Alice\u{2069}", Some("Alice")),
            ("\u{3164}\u{2800}\u{200d} ", None),
            ("", None),
            ("👩\u{200d}👧 Eve", Some("👩\u{200d}👧 Eve")),
            ("می\u{200c}نا", Some("می\u{200c}نا")),
            ("Ünal", Some("Ünal")),
        ] {
            assert_eq!(shown(raw).as_deref(), expected, "{raw:?}");
        }
    }

    #[test]
    fn names_are_bounded() {
        assert_eq!(shown(&"x".repeat(10_000)).map(|name| name.len()), Some(100));
        assert_eq!(shown(&format!("Z{}", "\u{301}".repeat(10_000))).map(|name| name.chars().count()), Some(4));
    }

    #[test]
    fn odd_names() {
        for (raw, odd) in [
            ("Alice", false),
            ("Алиса", false),
            ("Алиса Smith", false),
            ("Αλίκη", false),
            ("Jürgen Łoś-Ñandú", false),
            ("田中 Alice", false),
            ("田中Alice", false),
            ("👩\u{200d}👧 Eve", false),
            ("Al\u{456}ce", true),
            ("Bοb", true),
            ("Alice\u{202e}", true),
            ("Al\u{ad}ice", true),
            ("Alice\u{e0041}", true),
        ] {
            assert_eq!(is_odd(raw), odd, "{raw:?}");
        }
    }
}
