//! Cutting text to a line.

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

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_line_is_one_and_bounded() {
        assert_eq!(one_line(" a\n\tb  c ", 10), "a b c");
        assert_eq!(one_line("äöü äöü", 4), "äöü …");
        assert_eq!(one_line("", 4), "");
        assert_eq!(one_line(&"x".repeat(100_000), 3), "xxx…");
    }
}
