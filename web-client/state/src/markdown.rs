//! The everyday part of Markdown, as people type it into messages: bold, italic, strike-through, code, quotes, lists.
//!
//! It is shown as elements, never as HTML, and takes time linear in the text. It is not CommonMark: nothing nests but
//! emphasis, and what is not closed stands as it was typed.

pub mod foreign;
mod html;
mod inline;
mod node;
mod parts;
mod plain;
mod reader;

pub use html::to_html;
pub use inline::inlines;
pub use parts::{Block, Inline, Style};
pub use plain::plain;

const FENCE: &str = "```";

/// Takes a message apart.
pub fn parse(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.split('\n').peekable();
    // An opened block of code that is closed nowhere is none; looked for once, not once for every fence.
    let last_fence = text.rmatch_indices(FENCE).next().map_or(0, |(at, _)| at);
    let offset = |line: &str| line.as_ptr() as usize - text.as_ptr() as usize;
    while let Some(line) = lines.next() {
        if line.starts_with(FENCE) && offset(line) < last_fence {
            blocks.push(Block::Code(run(&mut lines, |line| (!line.starts_with(FENCE)).then_some(line)).join("\n")));
            // The closing fence itself.
            lines.next();
            continue;
        }
        let kind = Kind::of(line);
        let mut content = vec![kind.content(line)];
        content.extend(run(&mut lines, |line| (Kind::of(line).goes_on(kind)).then(|| kind.content(line))));
        blocks.push(kind.block(&content));
    }
    blocks
}

/// Takes lines for as long as `take` takes them.
fn run<'a>(
    lines: &mut std::iter::Peekable<std::str::Split<'a, char>>,
    take: impl Fn(&'a str) -> Option<&'a str>,
) -> Vec<&'a str> {
    let mut taken = Vec::new();
    while let Some(content) = lines.peek().and_then(|line| take(line)) {
        taken.push(content);
        lines.next();
    }
    taken
}

/// What a line is by how it begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Quote,
    Bullet,
    Number(u32),
    Fence,
}

impl Kind {
    fn of(line: &str) -> Self {
        if line.starts_with(FENCE) {
            return Self::Fence;
        }
        if line.starts_with("> ") {
            return Self::Quote;
        }
        if line.starts_with("- ") || line.starts_with("* ") {
            return Self::Bullet;
        }
        let number = line.split_once(". ").map(|(number, _)| number).filter(|number| number.len() <= 4);
        number.and_then(|number| number.parse().ok()).map_or(Self::Text, Self::Number)
    }

    /// Whether a line of this kind belongs to a block that began with the other.
    fn goes_on(self, begun: Self) -> bool {
        match (begun, self) {
            (Self::Number(_), Self::Number(_)) => true,
            // A fence that opens nothing is text.
            (Self::Fence | Self::Text, kind) => kind == Self::Text,
            (begun, kind) => begun == kind,
        }
    }

    fn content(self, line: &str) -> &str {
        match self {
            Self::Text | Self::Fence => line,
            Self::Quote | Self::Bullet => &line[2..],
            Self::Number(_) => line.split_once(". ").map_or(line, |(_, content)| content),
        }
    }

    fn block(self, lines: &[&str]) -> Block {
        let items = || lines.iter().map(|line| inlines(line)).collect();
        match self {
            Self::Text | Self::Fence => Block::Text(inlines(&lines.join("\n"))),
            Self::Quote => Block::Quote(inlines(&lines.join("\n"))),
            Self::Bullet => Block::List { first: None, items: items() },
            Self::Number(first) => Block::List { first: Some(first), items: items() },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Block, Inline, Style, parse, to_html};

    fn show(text: &str) -> String {
        to_html(&parse(text)).unwrap_or_else(|| "plain".to_owned())
    }

    #[test]
    fn what_people_type_stands_out() {
        for (text, expected) in [
            ("plain", "plain"),
            ("にほん שלום ü 😀", "plain"),
            ("ü *é* 😀 **日本** ~~😀~~", "ü <em>é</em> 😀 <strong>日本</strong> <del>😀</del>"),
            ("**bold** and *italic*, _too_", "<strong>bold</strong> and <em>italic</em>, <em>too</em>"),
            ("~~no~~ yes", "<del>no</del> yes"),
            ("***both***", "<strong><em>both</em></strong>"),
            ("*a **b***", "<em>a <strong>b</strong></em>"),
            ("**bold *and italic* here**", "<strong>bold <em>and italic</em> here</strong>"),
            ("run `cargo *test*`!", "run <code>cargo *test*</code>!"),
            ("> said\n> so\nno", "<blockquote>said<br>so</blockquote>no"),
            ("- a\n- **b**", "<ul><li>a</li><li><strong>b</strong></li></ul>"),
            ("3. c\n4. d", "<ol start=\"3\"><li>c</li><li>d</li></ol>"),
            ("```\nlet *x*;\n```\nok", "<pre><code>let *x*;</code></pre>ok"),
            ("*a*\nb", "<em>a</em><br>b"),
            ("**<b>**", "<strong>&lt;b&gt;</strong>"),
        ] {
            assert_eq!(show(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_meant_stays_as_it_was_typed() {
        for text in [
            "2*3*4",
            "snake_case_name",
            "* not a list*",
            "**",
            "****",
            "a ** b ** c",
            "*open",
            "`open",
            "```\nopen",
            "-no",
            "1.5. x",
            ">no",
            "https://x.org/_a_/*b*",
            "12345. x",
            "_",
            "*(",
        ] {
            let blocks = parse(text);
            let styled = to_html(&blocks);
            let is_list = matches!(blocks.as_slice(), [Block::List { .. }]);
            assert!(styled.is_none() || is_list, "{text}: {styled:?}");
        }
    }

    #[test]
    fn emphasis_goes_around_links() {
        let link = Inline::Link("https://x.org/a_b".into(), "https://x.org/a_b".into());
        let expected = vec![Block::Text(vec![Inline::Styled(Style::Bold, vec![Inline::Text("see ".into()), link])])];
        assert_eq!(parse("**see https://x.org/a_b**"), expected);
    }

    #[test]
    fn nothing_made_up_takes_long() {
        let parts = [
            "*", "**", "_", "~~", "`", "*a", "*a ", "**a*", "> ", "> > ", "- ", "```\n", "a* ", "ü", "ü*", "*😀*", "_a*b",
            "1. \n", "\n",
        ];
        for part in parts {
            let text = part.repeat(10_000);
            let began = Instant::now();
            let blocks = parse(&text);
            let took = began.elapsed();
            assert!(!blocks.is_empty());
            assert!(took < Duration::from_millis(500), "{part}…: {took:?}");
        }
    }
}
