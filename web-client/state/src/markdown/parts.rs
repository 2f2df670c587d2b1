//! What a message is made of.

/// A part of a message that stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Lines of text, with their line breaks.
    Text(Vec<Inline>),
    /// Lines that somebody quotes.
    Quote(Vec<Inline>),
    /// Lines of code, as they are.
    Code(String),
    /// A list.
    List {
        /// The number of its first item, if its items have numbers.
        first: Option<u32>,
        /// The items.
        items: Vec<Vec<Inline>>,
    },
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// As it is.
    Text(String),
    /// A link: what it shows, and where it leads.
    Link(String, String),
    /// Code.
    Code(String),
    /// Text that stands out.
    Styled(Style, Vec<Inline>),
}

/// How text stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `**bold**`.
    Bold,
    /// `*italic*` or `_italic_`.
    Italic,
    /// `~~struck~~`.
    Struck,
    /// Shown only when asked for; other clients have it, and nothing that is typed here makes it.
    Hidden,
}
