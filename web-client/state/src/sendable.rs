//! What is typed, as it may be sent: an event has room for so much, and one that the server refuses stops whatever is said after it.

use crate::markdown;

/// The longest content of a message, bytes of its JSON. Encrypted, which makes four bytes of three, and with what the server adds, it stays
/// under 64 KiB for a whole event (<https://spec.matrix.org/v1.16/client-server-api/#size-limits>).
const CONTENT_BYTES_MAX: usize = 46_000;
/// What stands in a content beside its texts, bytes.
const BESIDE_BYTES: usize = 200;

/// How often an event holds its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// As most do.
    One,
    /// A change has it for those who know of changes, and for all others.
    Two,
}

impl Copies {
    fn have_room_for(self, texts: &[&str]) -> bool {
        let copies = match self {
            Self::One => 1,
            Self::Two => 2,
        };
        texts.iter().map(|text| json_bytes(text)).sum::<usize>() * copies + BESIDE_BYTES <= CONTENT_BYTES_MAX
    }
}

/// A text that an event has room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sendable<'a> {
    /// As it was typed.
    pub text: &'a str,
    /// The same for clients that show HTML, where it has any formatting.
    pub html: Option<String>,
    /// Whether it is told of its sender: `/me waves`.
    pub is_emote: bool,
}

/// A text as it may be sent; nothing where it is too long. Where it is too long with its formatting only, others read it as it was typed.
pub fn sendable(text: &str, copies: Copies) -> Option<Sendable<'_>> {
    let text = text.trim_end();
    let (text, is_emote) = text.strip_prefix("/me ").map_or((text, false), |action| (action, true));
    // What is too long anyway is not taken apart first.
    if !copies.have_room_for(&[text]) {
        return None;
    }
    let html = if is_emote { None } else { markdown::to_html(&markdown::parse(text)) };
    let html = html.filter(|html| copies.have_room_for(&[text, html]));
    Some(Sendable { text, html, is_emote })
}

fn json_bytes(text: &str) -> usize {
    serde_json::to_string(text).map_or(usize::MAX / 4, |json| json.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most that an event may have, bytes, and what of it is not the content's: names, hashes, signatures, references.
    const EVENT_BYTES_MAX: usize = 65_536;
    const AROUND_BYTES: usize = 3_500;

    #[test]
    fn whatever_may_be_sent_fits_into_an_event_once_it_is_encrypted() {
        let kinds = [
            "a",
            "\"",
            "\\",
            "\n",
            "\u{1}",
            "> ",
            "> a\n",
            "**a** ",
            "<b>",
            "ä",
            "👩‍👩‍👧‍👦",
            "`a` ",
            "- a\n",
            "~~a~~",
            "[",
            "*a **b ",
        ];
        for copies in [Copies::One, Copies::Two] {
            for kind in kinds {
                for times in [1, 100, 3_000, 7_000, 10_000, 22_000, 30_000, 45_000] {
                    let typed = kind.repeat(times);
                    let Some(sent) = sendable(&typed, copies) else { continue };
                    let texts = json_bytes(sent.text) + sent.html.as_deref().map_or(0, json_bytes);
                    let content = texts * if copies == Copies::One { 1 } else { 2 } + BESIDE_BYTES;
                    let whole = content.div_ceil(3) * 4 + AROUND_BYTES;
                    assert!(whole <= EVENT_BYTES_MAX, "{times} × {kind:?} as {copies:?}: {whole} bytes");
                }
            }
        }
    }

    #[test]
    fn formatting_that_does_not_fit_is_left_off_and_what_is_too_long_is_not_taken() {
        assert!(sendable("**a**", Copies::One).is_some_and(|sent| sent.html.is_some() && !sent.is_emote));
        let quotes = format!("{}deep", "> ".repeat(10_000));
        assert!(sendable(&quotes, Copies::One).is_some_and(|sent| sent.text == quotes && sent.html.is_none()));
        assert_eq!(sendable(&"\"".repeat(30_000), Copies::One), None);
        let long = "a".repeat(30_000);
        assert!(sendable(&long, Copies::One).is_some());
        assert_eq!(sendable(&long, Copies::Two), None, "a change holds it twice");
        assert!(sendable("/me waves", Copies::One).is_some_and(|sent| sent.is_emote && sent.text == "waves"));
    }
}
