//! Whether a text is a few emoji and nothing else, which are shown larger.
//!
//! It follows the grammar of emoji sequences (Unicode Technical Standard 51), with the pictographic ranges written
//! down here instead of a crate's tables. It need not be exact at the edges: a mistake only changes a size.

/// More than this many are a text, not a picture.
const MAX_LARGE: usize = 12;

const JOINER: char = '\u{200D}';
const AS_PICTURE: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';

/// Pictures that stand in a text as pictures by themselves.
const PICTURES: [(u32, u32); 22] = [
    (0x231A, 0x231B),
    (0x23E9, 0x23EC),
    (0x23F0, 0x23F0),
    (0x23F3, 0x23F3),
    (0x25FD, 0x25FE),
    (0x2600, 0x2604),
    (0x260E, 0x2612),
    (0x2614, 0x2685),
    (0x2690, 0x2705),
    (0x2708, 0x2728),
    (0x2733, 0x2767),
    (0x2795, 0x2797),
    (0x27A1, 0x27BF),
    (0x2B1B, 0x2B1C),
    (0x2B50, 0x2B55),
    (0x1F004, 0x1F004),
    (0x1F0CF, 0x1F0CF),
    (0x1F18E, 0x1F19A),
    (0x1F201, 0x1F251),
    (0x1F300, 0x1F64F),
    (0x1F680, 0x1F6FF),
    (0x1F7E0, 0x1FAFF),
];

/// Signs that are pictures only when U+FE0F says so.
const SIGNS: [(u32, u32); 16] = [
    (0xA9, 0xA9),
    (0xAE, 0xAE),
    (0x203C, 0x203C),
    (0x2049, 0x2049),
    (0x2122, 0x2122),
    (0x2139, 0x2139),
    (0x2194, 0x21AA),
    (0x2328, 0x2328),
    (0x23CF, 0x23FA),
    (0x24C2, 0x24C2),
    (0x25AA, 0x25FC),
    (0x2934, 0x2935),
    (0x2B05, 0x2B07),
    (0x3030, 0x303D),
    (0x3297, 0x3299),
    (0x1F170, 0x1F17F),
];

/// Whether the text is one to twelve emoji and nothing else but spaces.
pub fn is_only_emoji(text: &str) -> bool {
    let mut rest = text.trim_start();
    let mut count = 0;
    while !rest.is_empty() {
        let Some(len) = sequence_len(rest) else { return false };
        count += 1;
        if count > MAX_LARGE {
            return false;
        }
        rest = rest[len..].trim_start();
    }
    count > 0
}

/// The length in bytes of the emoji at the start of `text`.
fn sequence_len(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let mut at = first.len_utf8();
    let next = |at: usize| text[at..].chars().next();
    if is_flag_letter(first) {
        let second = next(at).filter(|c| is_flag_letter(*c))?;
        return Some(at + second.len_utf8());
    }
    if matches!(first, '0'..='9' | '#' | '*') {
        let marked = text[at..].strip_prefix(AS_PICTURE).unwrap_or(&text[at..]);
        let rest = marked.strip_prefix(KEYCAP)?;
        return Some(text.len() - rest.len());
    }
    at = element_end(text)?;
    // A family is several pictures that joiners hold together.
    while next(at) == Some(JOINER) {
        let from = at + JOINER.len_utf8();
        at = from + element_end(&text[from..])?;
    }
    Some(at)
}

/// One picture with what modifies it: its skin tone, the mark that it is a picture, the tags of a region's flag.
fn element_end(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    let (_, first) = chars.next()?;
    let is_picture = is_in(&PICTURES, first);
    if !is_picture && !is_in(&SIGNS, first) {
        return None;
    }
    let mut is_marked = false;
    let mut end = first.len_utf8();
    for (at, c) in chars {
        match c {
            AS_PICTURE => is_marked = true,
            '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}' => {}
            _ => break,
        }
        end = at + c.len_utf8();
    }
    (is_marked || is_picture).then_some(end)
}

fn is_flag_letter(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

fn is_in(ranges: &[(u32, u32)], c: char) -> bool {
    let code = u32::from(c);
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&code))
}

#[cfg(test)]
mod tests {
    use super::is_only_emoji;

    #[test]
    fn emoji_of_every_kind_are_large() {
        for text in [
            "🎉",
            "⭐",
            "⏰",
            "1️⃣",
            "#⃣",
            "™️",
            "🆗",
            "🅰️",
            "❤️",
            "☎️",
            "🇩🇪",
            "🇩🇪🇫🇷",
            "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
            "👍🏽",
            "👩‍👩‍👧‍👦",
            "👩🏽‍🚀",
            "🏳️‍🌈",
            "❤️‍🔥",
            "👍🏽 ❤️\n🎉",
            "㊗️",
            "🫠",
        ] {
            assert!(is_only_emoji(text), "{text}");
        }
    }

    #[test]
    fn text_is_not() {
        for text in ["", "  ", "123", "1", "#", "™", "©", "ok 🎉", "🎉!", "🇩", "é", "😂 haha", "\u{200D}", "🎉\u{200D}x"]
        {
            assert!(!is_only_emoji(text), "{text}");
        }
    }

    #[test]
    fn skin_tones_and_families_count_once() {
        assert!(is_only_emoji(&"👩🏽‍🚀".repeat(12)));
        assert!(!is_only_emoji(&"👩🏽‍🚀".repeat(13)));
        assert!(!is_only_emoji(&"🎉".repeat(100_000)));
    }
}
