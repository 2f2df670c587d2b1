//! A page of documentation taken apart: what stands in backquotes, and blocks of code with the words behind their fence.

/// What stands in backquotes in running text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Span<'a> {
    pub(super) line: usize,
    pub(super) text: &'a str,
    /// The text between this span and the one before it in the same paragraph.
    pub(super) before: &'a str,
}

/// A block of code between fences.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block<'a> {
    /// The line of the opening fence.
    pub(super) line: usize,
    /// The words behind the opening fence: the language, then perhaps a file.
    pub(super) info: &'a str,
    pub(super) code: Vec<&'a str>,
}

const FENCE: &str = "```";

/// The blocks of a page, also those inside lists.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut is_open = false;
    for (index, line) in text.lines().enumerate() {
        match line.trim_start().strip_prefix(FENCE) {
            Some(info) if !is_open => blocks.push(Block { line: index + 1, info: info.trim(), code: Vec::new() }),
            Some(_) => {}
            None if is_open => blocks.last_mut().into_iter().for_each(|block| block.code.push(line)),
            None => continue,
        }
        is_open ^= line.trim_start().starts_with(FENCE);
    }
    blocks
}

/// The spans of a page, outside blocks. A span may go on over the end of a line, not of a paragraph.
pub(super) fn spans(text: &str) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let (mut in_block, mut paragraph, mut offset) = (false, 0..0, 0);
    let mut first = 1;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let is_fence = line.trim_start().starts_with(FENCE);
        let end = offset + line.len();
        if in_block || is_fence || line.trim().is_empty() {
            spans_of_paragraph(&text[paragraph], first, &mut spans);
            (paragraph, first) = (end..end, index + 2);
            in_block ^= is_fence;
        } else {
            paragraph.end = end;
        }
        offset = end;
    }
    spans_of_paragraph(&text[paragraph], first, &mut spans);
    spans
}

fn spans_of_paragraph<'a>(paragraph: &'a str, first_line: usize, spans: &mut Vec<Span<'a>>) {
    let (mut before, mut line) = ("", first_line);
    for (index, part) in paragraph.split('`').enumerate() {
        if index % 2 == 0 {
            before = part;
        } else {
            spans.push(Span { line, text: part, before });
        }
        line += part.matches('\n').count();
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, Span, blocks, spans};

    const PAGE: &str = "# A `b`\n\nSee `c` in `d\ne`.\nf\n1. g:\n   ```rust h.rs\n   let `i`;\n   ```\n   j `k`\n";

    #[test]
    fn a_page_is_taken_apart() {
        let span = |line, text, before| Span { line, text, before };
        let expected = [span(1, "b", "# A "), span(3, "c", "See "), span(3, "d\ne", " in "), span(10, "k", "   j ")];
        assert_eq!(spans(PAGE), expected);
        assert_eq!(blocks(PAGE), [Block { line: 7, info: "rust h.rs", code: vec!["   let `i`;"] }]);
        assert_eq!(
            blocks("```\na\n```\nb\n```\nc"),
            [Block { line: 1, info: "", code: vec!["a"] }, Block { line: 5, info: "", code: vec!["c"] },]
        );
    }
}
