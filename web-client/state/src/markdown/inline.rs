//! Taking a line apart: code first, then links, then emphasis around both.

use super::parts::{Inline, Style};
use crate::rich_text::{Piece, pieces};

/// What makes text stand out, longest first.
const MARKS: [(&str, Style); 4] = [("**", Style::Bold), ("~~", Style::Struck), ("*", Style::Italic), ("_", Style::Italic)];

/// The parts of a line, or of lines, that are no blocks.
pub fn inlines(text: &str) -> Vec<Inline> {
    let mut open = Open::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, after)) = after.split_once('`').filter(|(code, _)| !code.is_empty()) else { break };
        take_text(&mut open, before);
        open.push(Inline::Code(code.to_owned()));
        rest = after;
    }
    take_text(&mut open, rest);
    open.finish()
}

fn take_text(open: &mut Open, text: &str) {
    for piece in pieces(text) {
        match piece {
            // An address ends where emphasis around it does.
            Piece::Link { text, href } => open.push(Inline::Link(text, href)),
            Piece::Text(text) => take_marks(open, &text),
        }
    }
}

fn take_marks(open: &mut Open, text: &str) {
    let mut plain_from = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if !matches!(rest.first(), Some(b'*' | b'_' | b'~')) {
            at += 1;
            continue;
        }
        let before = text[..at].chars().next_back().or(open.last_char);
        let after = |mark: &str| text[at + mark.len()..].chars().next();
        let is_end =
            |mark: &str| before.is_some_and(|c| !c.is_whitespace()) && !after(mark).is_some_and(char::is_alphanumeric);
        // What was begun last ends first: of three asterisks, the first one may belong to it.
        let innermost = open.innermost().filter(|(mark, _)| rest.starts_with(mark.as_bytes()) && is_end(mark));
        let found = innermost.or_else(|| MARKS.into_iter().find(|(mark, _)| rest.starts_with(mark.as_bytes())));
        let Some((mark, style)) = found else {
            at += 1;
            continue;
        };
        let end = at + mark.len();
        let closes = open.has(mark) && is_end(mark);
        let begins = after(mark).is_some_and(|c| !c.is_whitespace()) && !before.is_some_and(char::is_alphanumeric);
        let opens = !open.has(mark) && begins;
        if closes || opens {
            open.push_text(&text[plain_from..at]);
            if closes {
                open.close(mark)
            } else {
                open.open(mark, style)
            }
            plain_from = end;
        }
        at = end;
    }
    open.push_text(&text[plain_from..]);
}

/// Emphasis that was begun and not ended; at most one of each mark, so that nothing is searched for long.
#[derive(Default)]
struct Open {
    done: Vec<Inline>,
    begun: Vec<(&'static str, Style, Vec<Inline>)>,
    last_char: Option<char>,
}

impl Open {
    fn innermost(&self) -> Option<(&'static str, Style)> {
        self.begun.last().map(|(mark, style, _)| (*mark, *style))
    }

    fn has(&self, mark: &str) -> bool {
        self.begun.iter().any(|(begun, _, _)| *begun == mark)
    }

    fn push(&mut self, inline: Inline) {
        // What comes after code or a link comes after a word.
        self.last_char = Some('a');
        self.target().push(inline);
    }

    fn push_text(&mut self, text: &str) {
        if let Some(last) = text.chars().next_back() {
            push_text(self.target(), text);
            self.last_char = Some(last);
        }
    }

    fn target(&mut self) -> &mut Vec<Inline> {
        self.begun.last_mut().map_or(&mut self.done, |(_, _, inner)| inner)
    }

    fn open(&mut self, mark: &'static str, style: Style) {
        self.begun.push((mark, style, Vec::new()));
        self.last_char = None;
    }

    fn close(&mut self, mark: &str) {
        while let Some((begun, style, inner)) = self.begun.pop() {
            if begun == mark && !inner.is_empty() {
                self.target().push(Inline::Styled(style, inner));
                break;
            }
            // What was begun inside and not ended there is text.
            self.put_back(begun, inner);
            if begun == mark {
                push_text(self.target(), mark);
                break;
            }
        }
        self.last_char = Some('a');
    }

    fn put_back(&mut self, mark: &str, inner: Vec<Inline>) {
        let target = self.target();
        push_text(target, mark);
        for inline in inner {
            match inline {
                Inline::Text(text) => push_text(target, &text),
                other => target.push(other),
            }
        }
    }

    fn finish(mut self) -> Vec<Inline> {
        while let Some((mark, _, inner)) = self.begun.pop() {
            self.put_back(mark, inner);
        }
        self.done
    }
}

/// Adds to the text at the end, so that what was typed in one go is one piece.
fn push_text(target: &mut Vec<Inline>, text: &str) {
    match target.last_mut() {
        Some(Inline::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => target.push(Inline::Text(text.to_owned())),
    }
}
