//! The same without what makes it stand out.

use super::{
    parse,
    parts::{Block, Inline},
};

/// The beginning of a message as one reads it, without the signs that were typed to make it stand out; at most so many characters of it
/// are looked at, since where this is shown there is room for a line.
pub fn plain(text: &str, most_chars: usize) -> String {
    let end = text.char_indices().nth(most_chars).map_or(text.len(), |(end, _)| end);
    let mut out = String::new();
    for block in parse(&text[..end]) {
        match block {
            Block::Text(inlines) | Block::Quote(inlines) => put_all(&mut out, &inlines),
            Block::Code(code) => out.push_str(&code),
            Block::List { first, items } => {
                for (at, item) in (0..).zip(&items) {
                    let mark = first.map_or_else(|| "• ".to_owned(), |first| format!("{}. ", first.saturating_add(at)));
                    out.push_str(&mark);
                    put_all(&mut out, item);
                    out.push('\n');
                }
            }
        }
        out.push('\n');
    }
    out
}

fn put_all(out: &mut String, inlines: &[Inline]) {
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Link(text, _) | Inline::Code(text) => out.push_str(text),
            Inline::Styled(_, inner) => put_all(out, inner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn signs_that_make_text_stand_out_are_not_read_out() {
        for (typed, read) in [
            ("plain, 2 * 3 * 4 and a_b_c", "plain, 2 * 3 * 4 and a_b_c"),
            ("**Welcome** *home*, ~~you~~ `all`", "Welcome home, you all"),
            ("> said\nand answered", "said and answered"),
            ("- one\n- **two**", "• one • two"),
            ("3. c\n4. d", "3. c 4. d"),
            ("```\nlet x = 1;\n```\nso", "let x = 1; so"),
            ("see https://example.org/a_b_c", "see https://example.org/a_b_c"),
            ("", ""),
        ] {
            assert_eq!(crate::text::one_line(&plain(typed, 100), 100), read, "{typed}");
        }
    }

    #[test]
    fn no_more_is_looked_at_than_there_is_room_for() {
        assert_eq!(plain(&"ä".repeat(1_000), 10).trim(), "ä".repeat(10));
        // What is cut stands as it was typed.
        assert_eq!(plain("**bold**", 5).trim(), "**bol");
    }
}
