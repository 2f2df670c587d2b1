//! The same for other clients, as `formatted_body` has it.

use super::parts::{Block, Inline, Style};

/// HTML with the tags that Matrix lists; `None` when nothing stands out, and plain text says it all.
pub fn to_html(blocks: &[Block]) -> Option<String> {
    let is_plain = |inline: &Inline| matches!(inline, Inline::Text(_) | Inline::Link(..));
    if blocks.iter().all(|block| matches!(block, Block::Text(inlines) if inlines.iter().all(is_plain))) {
        return None;
    }
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Text(inlines) => put_all(&mut out, inlines),
            Block::Quote(inlines) => within(&mut out, "blockquote", |out| put_all(out, inlines)),
            Block::Code(code) => {
                within(&mut out, "pre", |out| within(out, "code", |out| put_escaped(out, code, "\n")));
            }
            Block::List { first, items } => put_list(&mut out, *first, items),
        }
    }
    Some(out)
}

fn put_list(out: &mut String, first: Option<u32>, items: &[Vec<Inline>]) {
    match first {
        None => out.push_str("<ul>"),
        Some(1) => out.push_str("<ol>"),
        Some(first) => {
            out.push_str("<ol start=\"");
            out.push_str(&first.to_string());
            out.push_str("\">");
        }
    }
    for item in items {
        within(out, "li", |out| put_all(out, item));
    }
    out.push_str(if first.is_some() { "</ol>" } else { "</ul>" });
}

fn put_all(out: &mut String, inlines: &[Inline]) {
    for inline in inlines {
        match inline {
            // Others find links by themselves.
            Inline::Text(text) | Inline::Link(text, _) => put_escaped(out, text, "<br>"),
            Inline::Code(code) => within(out, "code", |out| put_escaped(out, code, " ")),
            Inline::Styled(style, inner) => {
                let tag = match style {
                    Style::Hidden => "span",
                    Style::Bold => "strong",
                    Style::Italic => "em",
                    Style::Struck => "del",
                };
                within(out, tag, |out| put_all(out, inner));
            }
        }
    }
}

fn within(out: &mut String, tag: &str, put: impl FnOnce(&mut String)) {
    out.push('<');
    out.push_str(tag);
    out.push('>');
    put(out);
    out.push_str("</");
    out.push_str(tag);
    out.push('>');
}

fn put_escaped(out: &mut String, text: &str, line_break: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str(line_break),
            _ => out.push(c),
        }
    }
}
