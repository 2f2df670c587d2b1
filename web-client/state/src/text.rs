//! Small things done with text: cutting it to a line, and keeping a name from turning the words around it.

/// `text` on one line, of at most `max_chars` characters and "…" where it was cut.
pub fn one_line(text: &str, max_chars: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        // A long text is not walked through to its end for the sake of its beginning.
        if let Some((cut, _)) = line.char_indices().nth(max_chars) {
            line.truncate(cut);
            line.push('…');
            break;
        }
    }
    line
}

/// A name inside a sentence, isolated: letters that run the other way, or signs that say so, end with it.
pub fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

#[cfg(test)]
mod tests {
    use super::{isolated, one_line};

    #[test]
    fn a_name_is_put_between_isolates() {
        assert_eq!(isolated("Al\u{202e}ice"), "\u{2068}Al\u{202e}ice\u{2069}");
    }

    #[test]
    fn a_line_is_one_and_bounded() {
        assert_eq!(one_line(" a\n\tb  c ", 10), "a b c");
        assert_eq!(one_line("äöü äöü", 4), "äöü …");
        assert_eq!(one_line("", 4), "");
        assert_eq!(one_line(&"x".repeat(100_000), 3), "xxx…");
    }
}
