//! Takes apart what other clients sent as HTML, in a document that is on no screen: nothing in it runs or loads.

use hearth_web_state::markdown::foreign::{Element, Node};
use wasm_bindgen::JsCast;
use web_sys::{DomParser, SupportedType};

/// What is nested deeper is only read as text.
const MAX_DEPTH: usize = 32;
/// What has more parts than this is not read at all.
const MAX_NODES: usize = 4_000;

/// The parts of a text of HTML; `None` when it has too many.
pub(crate) fn parsed_html(html: &str) -> Option<Vec<Node>> {
    let document = DomParser::new().ok()?.parse_from_string(html, SupportedType::TextHtml).ok()?;
    let mut left = MAX_NODES;
    children(document.body()?.as_ref(), 0, &mut left)
}

fn children(of: &web_sys::Node, depth: usize, left: &mut usize) -> Option<Vec<Node>> {
    let mut read = Vec::new();
    let mut next = of.first_child();
    while let Some(node) = next {
        *left = left.checked_sub(1)?;
        next = node.next_sibling();
        if let Some(element) = node.dyn_ref::<web_sys::Element>().filter(|_| depth < MAX_DEPTH) {
            read.push(Node::Element(to_element(element, depth, left)?));
        } else if node.node_type() != web_sys::Node::COMMENT_NODE {
            read.push(Node::Text(node.text_content().unwrap_or_default()));
        }
    }
    Some(read)
}

fn to_element(element: &web_sys::Element, depth: usize, left: &mut usize) -> Option<Element> {
    let tag = element.tag_name().to_ascii_lowercase();
    let attribute = match tag.as_str() {
        "a" => "href",
        "ol" => "start",
        _ => "alt",
    };
    Some(Element {
        value: element.get_attribute(attribute),
        is_spoiler: element.has_attribute("data-mx-spoiler"),
        children: children(element, depth + 1, left)?,
        tag,
    })
}
