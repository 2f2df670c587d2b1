//! Splits a plain-text message into pieces to show: words as they are, and web addresses as links.
//!
//! Only `http` and `https` become links, so a message can never carry a script address.

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Shown as it is.
    Text(String),
    /// Shown as a link to itself.
    Link(String),
}

/// The pieces of `text`, in order; joined together they are `text` again.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut plain_from = 0;
    let mut search_from = 0;
    while let Some(start) = next_address(text, search_from) {
        let end = start + address_len(&text[start..]);
        let scheme_len = if text[start..].starts_with("https") { 8 } else { 7 };
        if end - start <= scheme_len {
            search_from = start + scheme_len;
            continue;
        }
        if plain_from < start {
            out.push(Piece::Text(text[plain_from..start].to_owned()));
        }
        out.push(Piece::Link(text[start..end].to_owned()));
        plain_from = end;
        search_from = end;
    }
    if plain_from < text.len() {
        out.push(Piece::Text(text[plain_from..].to_owned()));
    }
    out
}

/// Whether the text is a few emoji and nothing else, which are shown larger.
pub fn is_only_emoji(text: &str) -> bool {
    let mut pictures = 0;
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        match u32::from(c) {
            0x1F300..=0x1FAFF | 0x2600..=0x27BF | 0x1F1E6..=0x1F1FF => pictures += 1,
            // Joiners, variation selectors and skin tones belong to the picture before them.
            0x200D | 0xFE0F | 0x20E3 => {}
            _ => return false,
        }
    }
    (1..=12).contains(&pictures)
}

fn next_address(text: &str, from: usize) -> Option<usize> {
    let rest = &text[from..];
    let found = [rest.find("https://"), rest.find("http://")].into_iter().flatten().min()?;
    Some(from + found)
}

/// The length in bytes of the address at the start of `text`, without the punctuation that ends a sentence.
fn address_len(text: &str) -> usize {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(text.len());
    let mut address = &text[..end];
    loop {
        let trimmed = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*']);
        // A closing bracket belongs to the sentence unless the address opened it.
        let unbalanced = trimmed.ends_with(')') && trimmed.matches(')').count() > trimmed.matches('(').count();
        let next = if unbalanced { &trimmed[..trimmed.len() - 1] } else { trimmed };
        if next.len() == address.len() {
            return address.len();
        }
        address = next;
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, is_only_emoji, pieces};

    fn show(text: &str) -> String {
        pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Link(link) => format!("[{link}]"),
            })
            .collect()
    }

    #[test]
    fn links_are_found() {
        for (text, expected) in [
            ("plain", "plain"),
            ("see https://example.org.", "see [https://example.org]."),
            ("(http://example.org/a_(b))", "([http://example.org/a_(b)])"),
            ("a https://x.org, b http://y.org!", "a [https://x.org], b [http://y.org]!"),
            ("javascript:alert(1)", "javascript:alert(1)"),
            ("https://", "https://"),
            ("\"https://x.org\"", "\"[https://x.org]\""),
            ("über https://müller.example/ö", "über [https://müller.example/ö]"),
        ] {
            assert_eq!(show(text), expected);
        }
    }

    #[test]
    fn emoji_only() {
        assert!(is_only_emoji("🎉"));
        assert!(is_only_emoji("👍🏽 ❤️"));
        assert!(!is_only_emoji("ok 🎉"));
        assert!(!is_only_emoji(""));
        assert!(!is_only_emoji("123"));
    }
}
