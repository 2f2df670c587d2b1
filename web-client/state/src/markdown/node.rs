//! HTML that another client sent, as far as it means something here.

/// A part of parsed HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Text between tags.
    Text(String),
    /// An element.
    Element(Element),
}

/// An element: what of it means something here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// `strong`, in lower case.
    pub tag: String,
    /// `href` of a link, `start` of a list, `alt` of a picture.
    pub value: Option<String>,
    /// Whether its text is to be shown only when asked for (`data-mx-spoiler`).
    pub is_spoiler: bool,
    /// What is inside.
    pub children: Vec<Node>,
}

/// Whether an element begins a line of its own.
pub(super) fn is_block(tag: &str) -> bool {
    let known = [
        "p",
        "div",
        "blockquote",
        "pre",
        "ul",
        "ol",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "details",
        "summary",
        "caption",
    ];
    known.contains(&tag)
}
