//! Reads HTML that another client sent into [`Node`]s, in time linear in its length.
//!
//! It is not the parser of the HTML standard, on purpose: that one opens what was left open anew in each paragraph, so
//! that a few thousand bytes keep a page busy for minutes, in every browser. What is well formed is read the same.

use html_escape::decode_html_entities as decoded;

use super::node::{Element, Node, is_block};

/// What is nested deeper is read as if it were not nested (Client-Server API, "m.room.message msgtypes").
const MAX_DEPTH: usize = 100;
/// What has more parts than this is not read at all.
const MAX_NODES: usize = 4_000;

/// Elements that have nothing inside.
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Elements in which there are no tags but their own end.
const RAW: [&str; 9] = ["script", "style", "title", "textarea", "iframe", "noscript", "noembed", "noframes", "xmp"];

/// The parts of a text of HTML; `None` when it has too many.
pub(super) fn read(html: &str) -> Option<Vec<Node>> {
    let mut reader = Reader { html, at: 0, open: vec![Element::default()], left: MAX_NODES };
    while reader.at < html.len() {
        reader.step()?;
    }
    while reader.open.len() > 1 {
        reader.close_last();
    }
    reader.open.pop().map(|root| root.children)
}

struct Reader<'a> {
    html: &'a str,
    /// Up to which byte it is read. It only grows, and what is looked at lies between it and where it is put next.
    at: usize,
    /// What is begun and not ended, the outermost first; the first one stands for all of it.
    open: Vec<Element>,
    left: usize,
}

impl<'a> Reader<'a> {
    /// Reads a tag, or the text up to the next one.
    fn step(&mut self) -> Option<()> {
        let rest = &self.html[self.at..];
        let after = rest.strip_prefix('<').and_then(|tag| tag.bytes().next());
        match after {
            Some(b'/') if rest.as_bytes().get(2).is_some_and(u8::is_ascii_alphabetic) => {
                self.at += 2;
                let name = self.name();
                self.skip_past(">");
                self.end(&name);
            }
            Some(b'!') if rest.starts_with("<!--") => {
                self.at += 4;
                self.skip_past("-->");
            }
            Some(b'/' | b'!' | b'?') => self.skip_past(">"),
            Some(letter) if letter.is_ascii_alphabetic() => {
                self.at += 1;
                self.begin()?;
            }
            _ => {
                // A sign that begins no tag is text.
                let first = rest.chars().next().map_or(1, char::len_utf8);
                let len = rest[first..].find('<').map_or(rest.len(), |len| first + len);
                self.at += len;
                self.put_text(&decoded(&rest[..len]))?;
            }
        }
        Some(())
    }

    /// The name of a tag, in small letters.
    fn name(&mut self) -> String {
        let name = self.take_until(|c| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
        name.to_ascii_lowercase()
    }

    fn begin(&mut self) -> Option<()> {
        let tag = self.name();
        let mut element = Element { tag, ..Element::default() };
        self.attributes(&mut element);
        self.make_room_for(&element.tag);
        if VOID.contains(&element.tag.as_str()) {
            return self.put(Node::Element(element));
        }
        if RAW.contains(&element.tag.as_str()) {
            let text = self.take_raw(&element.tag);
            element.children.push(Node::Text(text.to_owned()));
            return self.put(Node::Element(element));
        }
        self.left = self.left.checked_sub(1)?;
        if self.open.len() <= MAX_DEPTH {
            self.open.push(element);
        }
        Some(())
    }

    /// The attributes that mean something here, up to the end of the tag.
    fn attributes(&mut self, element: &mut Element) {
        let wanted = match element.tag.as_str() {
            "a" => "href",
            "ol" => "start",
            _ => "alt",
        };
        loop {
            self.take_until(|c| !c.is_ascii_whitespace() && c != '/');
            let name = self.take_until(|c| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '='));
            self.take_until(|c| !c.is_ascii_whitespace());
            let value = if self.take("=") { self.value() } else { "" };
            if name.eq_ignore_ascii_case("data-mx-spoiler") {
                element.is_spoiler = true;
            } else if element.value.is_none() && name.eq_ignore_ascii_case(wanted) {
                element.value = Some(decoded(value).into_owned());
            }
            if self.take(">") || self.at >= self.html.len() {
                return;
            }
        }
    }

    fn value(&mut self) -> &'a str {
        self.take_until(|c| !c.is_ascii_whitespace());
        for quote in ['"', '\''] {
            if self.take(quote.encode_utf8(&mut [0; 4])) {
                let value = self.take_until(|c| c == quote);
                self.at += usize::from(self.at < self.html.len());
                return value;
            }
        }
        self.take_until(|c| c.is_ascii_whitespace() || c == '>')
    }

    /// Ends what a new element ends by beginning: an item the one before it, a block the paragraph before it.
    fn make_room_for(&mut self, tag: &str) {
        let (ended, within): (&[&str], &[&str]) = match tag {
            "li" => (&["li"], &["ul", "ol"]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "tr" => (&["tr"], &["table", "thead", "tbody", "tfoot"]),
            _ if is_block(tag) => (&["p"], &["li", "td", "th", "blockquote", "div", "details"]),
            _ => return,
        };
        let last =
            self.open.iter().rposition(|open| ended.contains(&open.tag.as_str()) || within.contains(&open.tag.as_str()));
        if let Some(at) = last.filter(|at| ended.contains(&self.open[*at].tag.as_str())) {
            self.close_from(at);
        }
    }

    /// Ends an element, and what was begun in it and not ended. An end of what was not begun means nothing.
    fn end(&mut self, tag: &str) {
        if let Some(at) = self.open.iter().rposition(|open| open.tag == tag).filter(|at| *at > 0) {
            self.close_from(at);
        }
    }

    fn close_from(&mut self, at: usize) {
        while self.open.len() > at.max(1) {
            self.close_last();
        }
    }

    fn close_last(&mut self) {
        if let (Some(element), Some(parent)) = (self.open.pop(), self.open.last_mut()) {
            parent.children.push(Node::Element(element));
        }
    }

    fn put(&mut self, node: Node) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        self.open.last_mut()?.children.push(node);
        Some(())
    }

    fn put_text(&mut self, text: &str) -> Option<()> {
        if let Some(Node::Text(last)) = self.open.last_mut()?.children.last_mut() {
            last.push_str(text);
            return Some(());
        }
        self.put(Node::Text(text.to_owned()))
    }

    /// What stands in an element without tags, and its end.
    fn take_raw(&mut self, tag: &str) -> &'a str {
        let from = self.at;
        let end = format!("</{tag}");
        while self.at < self.html.len() {
            self.take_until(|c| c == '<');
            let here = self.html.as_bytes().get(self.at..self.at + end.len());
            if here.is_some_and(|here| here.eq_ignore_ascii_case(end.as_bytes())) {
                let text = &self.html[from..self.at];
                self.skip_past(">");
                return text;
            }
            self.take("<");
        }
        &self.html[from..]
    }

    /// What comes before the first character that `is_end`, or all that is left.
    fn take_until(&mut self, is_end: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.html[self.at..];
        let len = rest.find(is_end).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    /// Whether this comes next; then it is read.
    fn take(&mut self, what: &str) -> bool {
        let is_next = self.html[self.at..].starts_with(what);
        self.at += if is_next { what.len() } else { 0 };
        is_next
    }

    fn skip_past(&mut self, what: &str) {
        let rest = &self.html[self.at..];
        self.at += rest.find(what).map_or(rest.len(), |len| len + what.len());
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_DEPTH, MAX_NODES, read};
    use crate::markdown::{foreign::from_html, node::Node, parse};

    /// The tree in brackets.
    fn show(nodes: &[Node]) -> String {
        let one = |node: &Node| match node {
            Node::Text(text) => text.clone(),
            Node::Element(element) => {
                let value = element.value.as_ref().map(|value| format!("={value}")).unwrap_or_default();
                let mark = if element.is_spoiler { "!" } else { "" };
                format!("[{}{value}{mark}:{}]", element.tag, show(&element.children))
            }
        };
        nodes.iter().map(one).collect()
    }

    #[test]
    fn html_is_read_as_it_is_written() {
        for (html, tree) in [
            ("plain", "plain"),
            ("a <b>bold</b> word", "a [b:bold] word"),
            ("<P CLASS=x>One<p>Two", "[p:One][p:Two]"),
            ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", "[ul:[li:a][li:b[ul:[li:c]]][li:d]]"),
            ("<table><tr><td>1<td>2<tr><td>3</table>", "[table:[tr:[td:1][td:2]][tr:[td:3]]]"),
            ("<p>a<blockquote>b</blockquote>", "[p:a][blockquote:b]"),
            ("<blockquote><p>a<p>b</blockquote>c", "[blockquote:[p:a][p:b]]c"),
            ("a<br>b<br/>c<hr />d", "a[br:]b[br:]c[hr:]d"),
            ("<a href=https://x.org/?a=1&amp;b>x</a>", "[a=https://x.org/?a=1&b:x]"),
            ("<a title='>' href = \"y\" href=z>x</a>", "[a=y:x]"),
            ("<ol start=3 reversed><li>c</ol>", "[ol=3:[li:c]]"),
            ("<img alt=\"a cat\" src=x onerror=\"y\">", "[img=a cat:]"),
            ("<span data-mx-spoiler>x</span><span data-mx-spoiler=\"why\">y</span>", "[span!:x][span!:y]"),
            ("1 < 2 && 3 > 2 &lt;b&gt; &#39;&#x1F600;&eacute;&rarr;", "1 < 2 && 3 > 2 <b> '😀é→"),
            // What is no sign stands as it was written.
            ("&#0;&#xD800;&nope;&", "&#0;&#xD800;&nope;&"),
            ("<mx-reply><blockquote>what was said</blockquote></mx-reply>x", "[mx-reply:[blockquote:what was said]]x"),
            ("a<!-- <b>no</b> -->b<!doctype html>c<?x?>d", "abcd"),
            ("<script>if (a < b) '<b>'</ScRiPt >x", "[script:if (a < b) '<b>']x"),
            ("<b><i>x</b>y</i>z", "[b:[i:x]]yz"),
            ("x</b>y</>z", "xyz"),
            ("<style>x", "[style:x]"),
            ("<b", "[b:]"),
            ("<a href=\"x", "[a=x:]"),
            ("<!--", ""),
            ("<", "<"),
            ("日本<ü>語", "日本<ü>語"),
        ] {
            assert_eq!(read(html).map(|nodes| show(&nodes)).as_deref(), Some(tree), "{html}");
        }
    }

    #[test]
    fn what_is_typed_here_is_read_back_the_same() {
        for typed in ["**bold** and *italic*", "> said\n> so", "- a\n- **b**", "3. c\n4. d", "```\nlet <x> & *y*;\n```\nok"]
        {
            let blocks = parse(typed);
            let html = crate::markdown::to_html(&blocks).unwrap_or_default();
            assert_eq!(from_html(&html), blocks, "{html}");
        }
    }

    /// How many parts there are, how deep they are nested, and how many bytes of text they have.
    fn size(nodes: &[Node]) -> (usize, usize, usize) {
        let mut all = (0, 0, 0);
        for node in nodes {
            let (count, depth, bytes) = match node {
                Node::Text(text) => (0, 0, text.len()),
                Node::Element(element) => size(&element.children),
            };
            all = (all.0 + 1 + count, all.1.max(depth + 1), all.2 + bytes);
        }
        all
    }

    #[test]
    fn nothing_made_up_becomes_more_than_it_was() {
        // The standard's parser makes parts by the square of what it reads of some of these.
        let parts = [
            "<font x=1><p>",
            "<b><p>",
            "<p><b>",
            "<b><div></b>",
            "<a><p>",
            "<ul><li>",
            "<blockquote>",
            "<table>",
            "<tr><td>x",
            "<ul><object></ul>",
            "</b>",
            "</p>",
            "<p>",
            "<!--",
            "<script>",
            "</script",
            "<br>",
            "<",
            "</",
            "<b ",
            "<b x=\"",
            "&",
            "&lt;",
            "&#x",
            "x<i>y",
            "<li>",
            "<b><i></b></i>",
            "<select><b>",
            "<svg><desc>",
            "<math><mi>",
            "<template>",
            "ü<",
        ];
        for part in parts {
            for times in [10, 1_000, 5_000, 20_000] {
                let html = part.repeat(times);
                let Some(nodes) = read(&html) else {
                    assert!(part.matches('<').count() * times > MAX_NODES, "{part} × {times} was not read");
                    continue;
                };
                let (count, depth, bytes) = size(&nodes);
                assert!(count <= MAX_NODES.min(2 * html.len()), "{part} × {times}: {count} parts");
                assert!(depth <= MAX_DEPTH + 1, "{part} × {times}: {depth} deep");
                assert!(bytes <= html.len(), "{part} × {times}: {bytes} bytes");
            }
        }
    }
}
