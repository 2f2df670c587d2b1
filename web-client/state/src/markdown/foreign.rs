//! What other clients send as `formatted_body` (Client-Server API, "m.text"), read and made into the same blocks.
//!
//! Nothing of it is ever put into the page as HTML: what is not known here is shown as its text.

use super::{
    node::{Element, Node, is_block},
    parts::{Block, Inline, Style},
    reader::read,
};
use crate::rich_text::{Piece, pieces};

/// The blocks of a message in HTML. Empty when there is nothing to show, or too much.
pub fn from_html(html: &str) -> Vec<Block> {
    blocks_of(&read(html).unwrap_or_default())
}

fn blocks_of(nodes: &[Node]) -> Vec<Block> {
    let mut reader = Reader::default();
    reader.take_all(nodes);
    reader.flush();
    reader.blocks
}

/// Whether what is inside was not meant for reading. The quote of what is answered is shown from that message itself.
fn is_aside(tag: &str) -> bool {
    ["mx-reply", "script", "style", "title", "head", "template", "noscript", "iframe", "object", "svg", "math"]
        .contains(&tag)
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    line: Vec<Inline>,
}

impl Reader {
    fn take_all(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(text) => put_text(&mut self.line, text),
                Node::Element(element) if is_aside(&element.tag) => {}
                Node::Element(element) if is_block(&element.tag) => {
                    self.flush();
                    self.take_block(element);
                    self.flush();
                }
                Node::Element(element) => put_element(&mut self.line, element),
            }
        }
    }

    fn take_block(&mut self, element: &Element) {
        let children = &element.children;
        match element.tag.as_str() {
            "blockquote" => self.push(Block::Quote(lines(children))),
            "pre" => {
                let code = raw_text(children);
                self.push(Block::Code(code.strip_suffix('\n').unwrap_or(&code).to_owned()));
            }
            "ul" | "ol" => {
                let items = children.iter().filter_map(item).collect();
                let start = element.value.as_deref().and_then(|start| start.parse().ok());
                self.push(Block::List { first: (element.tag == "ol").then(|| start.unwrap_or(1)), items });
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.line.push(Inline::Styled(Style::Bold, lines(children))),
            _ => self.take_all(children),
        }
    }

    fn push(&mut self, block: Block) {
        let is_empty = match &block {
            Block::Text(inlines) | Block::Quote(inlines) => inlines.is_empty(),
            Block::Code(code) => code.is_empty(),
            Block::List { items, .. } => items.is_empty(),
        };
        if !is_empty {
            self.blocks.push(block);
        }
    }

    /// Ends the line.
    fn flush(&mut self) {
        let line = trimmed(std::mem::take(&mut self.line));
        self.push(Block::Text(line));
    }
}

fn item(node: &Node) -> Option<Vec<Inline>> {
    match node {
        Node::Element(element) if element.tag == "li" => Some(lines(&element.children)),
        _ => None,
    }
}

/// Everything inside as one run of text, in which what would be blocks are lines.
fn lines(nodes: &[Node]) -> Vec<Inline> {
    let mut out = Vec::new();
    put_lines(&mut out, nodes);
    trimmed(out)
}

fn put_lines(out: &mut Vec<Inline>, nodes: &[Node]) {
    for node in nodes {
        match node {
            Node::Text(text) => put_text(out, text),
            Node::Element(element) if is_aside(&element.tag) => {}
            Node::Element(element) if element.tag == "pre" => {
                break_line(out);
                out.push(Inline::Code(raw_text(&element.children)));
            }
            Node::Element(element) if is_block(&element.tag) => {
                break_line(out);
                if element.tag == "li" {
                    push_text(out, "• ");
                }
                put_lines(out, &element.children);
                break_line(out);
            }
            Node::Element(element) => put_element(out, element),
        }
    }
}

fn put_element(out: &mut Vec<Inline>, element: &Element) {
    let style = match element.tag.as_str() {
        "br" => return push_text(out, "\n"),
        "img" => return push_text(out, element.value.as_deref().unwrap_or_default()),
        "code" | "tt" | "kbd" => {
            let code = raw_text(&element.children);
            if !code.is_empty() {
                out.push(Inline::Code(code));
            }
            return;
        }
        "a" => return put_link(out, element),
        "td" | "th" => {
            put_lines(out, &element.children);
            return push_text(out, " ");
        }
        _ if element.is_spoiler => Style::Hidden,
        "b" | "strong" => Style::Bold,
        "i" | "em" => Style::Italic,
        "s" | "del" | "strike" => Style::Struck,
        _ => return put_lines(out, &element.children),
    };
    let mut inner = Vec::new();
    put_lines(&mut inner, &element.children);
    if !inner.is_empty() {
        out.push(Inline::Styled(style, inner));
    }
}

/// A link whose text is another address than where it leads says where that is.
fn put_link(out: &mut Vec<Inline>, element: &Element) {
    let text = collapsed(&raw_text(&element.children));
    let Some(href) = element.value.as_deref().filter(|href| is_safe(href)) else { return push_text(out, &text) };
    let text = text.trim();
    let shows_another =
        pieces(text).iter().any(|piece| matches!(piece, Piece::Link { href: shown, .. } if !is_same(shown, href)));
    let words = match text {
        "" => href.to_owned(),
        _ if shows_another => format!("{text} ({href})"),
        _ => text.to_owned(),
    };
    out.push(Inline::Link(words, href.to_owned()));
}

fn is_safe(href: &str) -> bool {
    let scheme = href.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("https" | "http" | "mailto"))
}

fn is_same(shown: &str, href: &str) -> bool {
    shown.trim_end_matches('/').eq_ignore_ascii_case(href.trim_end_matches('/'))
}

/// Text of a page: what is white between words is one space. Addresses in it are links.
fn put_text(out: &mut Vec<Inline>, text: &str) {
    let text = collapsed(text);
    let begins_line = out.last().is_none_or(|last| matches!(last, Inline::Text(text) if text.ends_with(['\n', ' '])));
    let text = if begins_line { text.trim_start() } else { &text };
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => push_text(out, &text),
            Piece::Link { text, href } => out.push(Inline::Link(text, href)),
        }
    }
}

fn collapsed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Not every white sign of Unicode: those that are meant stay.
        let is_white = matches!(c, ' ' | '\n' | '\t' | '\r' | '\u{c}');
        match (is_white, out.ends_with(' ')) {
            (true, true) => {}
            (true, false) => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

fn push_text(out: &mut Vec<Inline>, text: &str) {
    match out.last_mut() {
        _ if text.is_empty() => {}
        Some(Inline::Text(last)) => last.push_str(text),
        _ => out.push(Inline::Text(text.to_owned())),
    }
}

fn break_line(out: &mut Vec<Inline>) {
    let is_broken = matches!(out.last(), Some(Inline::Text(text)) if text.ends_with('\n'));
    if !out.is_empty() && !is_broken {
        push_text(out, "\n");
    }
}

/// Without white space around it.
fn trimmed(mut line: Vec<Inline>) -> Vec<Inline> {
    if let Some(Inline::Text(text)) = line.last_mut() {
        text.truncate(text.trim_end().len());
        if text.is_empty() {
            line.pop();
        }
    }
    if let Some(Inline::Text(text)) = line.first_mut() {
        *text = text.trim_start().to_owned();
        if text.is_empty() {
            line.remove(0);
        }
    }
    line
}

/// All text inside, as it stands there.
fn raw_text(nodes: &[Node]) -> String {
    let mut out = String::new();
    put_raw(&mut out, nodes);
    out
}

fn put_raw(out: &mut String, nodes: &[Node]) {
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Element(element) if is_aside(&element.tag) => {}
            Node::Element(element) if element.tag == "br" => out.push('\n'),
            Node::Element(element) if element.tag == "img" => out.push_str(element.value.as_deref().unwrap_or_default()),
            Node::Element(element) => put_raw(out, &element.children),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::blocks_of;
    use crate::markdown::{
        Block, Inline,
        node::{Element, Node},
        parse, to_html,
    };

    /// `tag` or `tag=value` around children.
    fn el(tag: &str, children: Vec<Node>) -> Node {
        let (tag, value) = tag.split_once('=').map_or((tag, None), |(tag, value)| (tag, Some(value.to_owned())));
        Node::Element(Element { tag: tag.to_owned(), value, is_spoiler: false, children })
    }

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    fn show(nodes: &[Node]) -> String {
        let blocks = blocks_of(nodes);
        to_html(&blocks).unwrap_or_else(|| format!("{blocks:?}"))
    }

    #[test]
    fn what_others_send_is_what_people_here_would_have_typed() {
        let li = |words: &str| el("li", vec![text(words)]);
        for (nodes, typed) in [
            (vec![el("strong", vec![text("bold")]), text(" and "), el("em", vec![text("italic")])], "**bold** and *italic*"),
            (vec![el("p", vec![el("del", vec![text("no")]), text(" yes")]), text("\n")], "~~no~~ yes"),
            (
                vec![el("blockquote", vec![text("\n"), el("p", vec![text("said")]), el("p", vec![text("so")])])],
                "> said\n> so",
            ),
            (
                vec![el("ul", vec![text("\n"), li("a"), text("\n"), el("li", vec![el("b", vec![text("b")])])])],
                "- a\n- **b**",
            ),
            (vec![el("ol=3", vec![li("c"), li("d")])], "3. c\n4. d"),
            (vec![el("pre", vec![el("code", vec![text("let *x*;\n")])]), text("ok")], "```\nlet *x*;\n```\nok"),
            (vec![text("run "), el("code", vec![text("cargo")])], "run `cargo`"),
            (vec![el("h2", vec![text("Title")])], "**Title**"),
            (vec![el("em", vec![text("a")]), el("br", vec![]), text("b")], "*a*\nb"),
        ] {
            assert_eq!(blocks_of(&nodes), parse(typed), "{typed}");
        }
    }

    #[test]
    fn links_say_where_they_lead() {
        let link = |href: &str, words: &str| blocks_of(&[el(&format!("a={href}"), vec![text(words)])]);
        let expected = |words: &str, href: &str| vec![Block::Text(vec![Inline::Link(words.into(), href.into())])];
        assert_eq!(link("https://x.org/", "here"), expected("here", "https://x.org/"));
        assert_eq!(link("https://x.org/", "https://x.org"), expected("https://x.org", "https://x.org/"));
        let (evil, bank) = ("https://evil.example/", "https://bank.example");
        assert_eq!(link(evil, bank), expected("https://bank.example (https://evil.example/)", evil));
        assert_eq!(link(evil, ""), expected(evil, evil));
        for href in
            ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "vbscript:x", "/relative", "", "blob:x"]
        {
            assert_eq!(link(href, "press"), [Block::Text(vec![Inline::Text("press".into())])], "{href}");
        }
    }

    #[test]
    fn what_is_no_text_is_not_shown() {
        let nodes = [
            el("mx-reply", vec![el("blockquote", vec![text("quoted")])]),
            el("script", vec![text("alert(1)")]),
            el("style", vec![text("p{}")]),
            text("  seen  "),
            el("img=:cat:", vec![]),
            el("unknown", vec![text("too")]),
        ];
        assert_eq!(blocks_of(&nodes), [Block::Text(vec![Inline::Text("seen :cat:too".into())])]);
        assert!(blocks_of(&[text(" \n "), el("p", vec![]), el("ul", vec![]), el("b", vec![])]).is_empty());
    }

    #[test]
    fn what_is_inside_what_is_kept_on_lines_of_its_own() {
        let inner = el("ul", vec![el("li", vec![text("b")]), el("li", vec![text("c")])]);
        let nodes = [el("ul", vec![el("li", vec![text("a"), inner])])];
        assert_eq!(show(&nodes), "<ul><li>a<br>• b<br>• c</li></ul>");
        let row = |a: &str, b: &str| el("tr", vec![el("td", vec![text(a)]), el("td", vec![text(b)])]);
        let table = [el("table", vec![el("tbody", vec![row("1", "2"), row("3", "4")])])];
        let said = "[Text([Text(\"1 2\")]), Text([Text(\"3 4\")])]";
        assert_eq!(show(&table).replace("\\n", " "), said);
    }
}
