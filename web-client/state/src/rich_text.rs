//! Splits a plain-text message into pieces to show: words as they are, and web addresses as links.
//!
//! Only `http` and `https` become links, so a message can never carry a script address. The time it takes is linear in
//! the length of the text, whatever somebody makes up.

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Shown as it is.
    Text(String),
    /// A link.
    Link {
        /// Shown as it was written.
        text: String,
        /// Where it leads.
        href: String,
    },
}

/// What an address begins with, in small letters, and what is put before it to make a link of it.
const BEGINNINGS: [(&str, &str); 3] = [("https://", ""), ("http://", ""), ("www.", "https://")];

/// The pieces of `text`, in order; what they show, joined together, is `text` again.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut plain_from = 0;
    let mut at = 0;
    while at < text.len() {
        let Some((beginning, before)) = beginning_at(text, at) else {
            at += 1;
            continue;
        };
        let run_end = run_end(text, at);
        let end = at + address_len(&text[at..run_end]);
        if end <= at + beginning.len() {
            // Nothing of the run is an address but its beginning, and there is no other one in it.
            at = run_end;
            continue;
        }
        if plain_from < at {
            out.push(Piece::Text(text[plain_from..at].to_owned()));
        }
        let shown = text[at..end].to_owned();
        out.push(Piece::Link { href: format!("{before}{shown}"), text: shown });
        plain_from = end;
        at = end;
    }
    if plain_from < text.len() {
        out.push(Piece::Text(text[plain_from..].to_owned()));
    }
    out
}

/// The beginning of an address at this byte, in capitals or not. "www." must begin a word.
fn beginning_at(text: &str, at: usize) -> Option<(&'static str, &'static str)> {
    let bytes = text.as_bytes();
    if !matches!(bytes[at], b'h' | b'H' | b'w' | b'W') {
        return None;
    }
    let found = BEGINNINGS.into_iter().find(|(beginning, _)| {
        bytes.get(at..at + beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning.as_bytes()))
    })?;
    let is_scheme = found.1.is_empty();
    let begins_word = at == 0
        || !(bytes[at - 1].is_ascii_alphanumeric()
            || !bytes[at - 1].is_ascii()
            || matches!(bytes[at - 1], b'.' | b'/' | b'@' | b'-' | b'_'));
    (is_scheme || begins_word).then_some(found)
}

/// Where the run of characters that an address may have ends.
fn run_end(text: &str, from: usize) -> usize {
    let is_end = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`');
    text[from..].find(is_end).map_or(text.len(), |len| from + len)
}

/// The length in bytes of the address in `run`, without the punctuation that ends a sentence.
fn address_len(run: &str) -> usize {
    let count = |bracket: char| run.matches(bracket).count();
    let opened = count('(');
    let mut closed = count(')');
    let mut end = run.len();
    for c in run.chars().rev() {
        match c {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '|' => {}
            // A closing bracket belongs to the sentence unless the address opened it.
            ')' if closed > opened => closed -= 1,
            _ => break,
        }
        end -= c.len_utf8();
    }
    end
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Piece, pieces};

    fn show(text: &str) -> String {
        pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Link { text, href } if text == href => format!("[{text}]"),
                Piece::Link { text, href } => format!("[{text} → {href}]"),
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
            ("https://))) http://x", "https://))) [http://x]"),
            ("\"https://x.org\"", "\"[https://x.org]\""),
            ("über https://müller.example/ö", "über [https://müller.example/ö]"),
            ("HTTPS://EXAMPLE.ORG", "[HTTPS://EXAMPLE.ORG]"),
            ("Www.example.org!", "[Www.example.org → https://Www.example.org]!"),
            ("(www.example.org)", "([www.example.org → https://www.example.org])"),
            ("awww.nice, swww.x", "awww.nice, swww.x"),
            ("www. www", "www. www"),
            ("hhttp://x", "h[http://x]"),
            ("wwhat", "wwhat"),
            ("日本https://x.org/日本、", "日本[https://x.org/日本、]"),
        ] {
            assert_eq!(show(text), expected);
        }
    }

    #[test]
    fn nothing_made_up_takes_long() {
        let parts =
            [")", "(", ".", "http://", "http://)", "www.", "www.)", "http://x)", "(http://x", "ü", "h", "w", "http:/"];
        for part in parts {
            for first in ["http://x", "http://", "www.", ""] {
                let text = first.to_owned() + &part.repeat(30_000);
                let began = Instant::now();
                let shown: usize = pieces(&text)
                    .iter()
                    .map(|piece| match piece {
                        Piece::Text(text) | Piece::Link { text, .. } => text.len(),
                    })
                    .sum();
                let took = began.elapsed();
                assert_eq!(shown, text.len());
                // It is about a millisecond; the quadratic way took seconds.
                assert!(took < Duration::from_millis(500), "{first}{part}…: {took:?}");
            }
        }
    }
}
