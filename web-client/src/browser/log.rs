//! Moving about in a log: scrolling to a row, and the keyboard focus from one article to the next.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

/// Scrolls the element with this id into the middle of the view; false if there is none.
pub(crate) fn scroll_to(id: &str) -> bool {
    let Some(element) = super::by_id(id) else { return false };
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Center);
    element.scroll_into_view_with_scroll_into_view_options(&options);
    true
}

/// Moves the focus to the article before or after the one it is in; from elsewhere, to the last one of the log.
/// False if there is none.
pub(crate) fn focus_next_article(log_id: &str, back: bool) -> bool {
    let active = super::window().and_then(|window| window.document()).and_then(|document| document.active_element());
    let current = active.and_then(|element| element.closest("article").ok().flatten());
    let target = match current {
        Some(article) => sibling_article(&article, back),
        None => last_article(log_id),
    };
    let Some(element) = target.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return false };
    element.focus().is_ok()
}

/// Moves the focus to the next or the previous menu item of the menu with this id, round and round.
pub(crate) fn focus_next_item(menu_id: &str, back: bool) {
    let Some(menu) = super::by_id(menu_id) else { return };
    let Ok(items) = menu.query_selector_all("[role^=menuitem]") else { return };
    let count = items.length();
    if count == 0 {
        return;
    }
    let active = super::window().and_then(|window| window.document()).and_then(|document| document.active_element());
    let at = active.and_then(|active| (0..count).find(|at| items.get(*at).as_ref() == Some(active.as_ref())));
    let next = match at {
        Some(at) if back => (at + count - 1) % count,
        Some(at) => (at + 1) % count,
        None if back => count - 1,
        None => 0,
    };
    if let Some(item) = items.get(next).and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        // Focusing a hidden item fails, which is what should happen to it.
        let _ = item.focus();
    }
}

/// Whether the focus is on the element with this id itself, not on something in it.
pub(crate) fn has_focus(id: &str) -> bool {
    let active = super::window().and_then(|window| window.document()).and_then(|document| document.active_element());
    active.is_some_and(|element| element.id() == id)
}

/// Whether the first element begins above what the second one shows.
pub(crate) fn is_above(id: &str, scroller_id: &str) -> bool {
    match (edges(id), edges(scroller_id)) {
        (Some((_, top, _)), Some((_, edge, _))) => top < edge,
        _ => false,
    }
}

/// Where the element with this id is in the window: its left, top and bottom edge, in pixels.
pub(crate) fn edges(id: &str) -> Option<(f64, f64, f64)> {
    let rect = super::by_id(id)?.get_bounding_client_rect();
    Some((rect.left(), rect.top(), rect.bottom()))
}

/// A row that stays where it is on the screen while others come and go.
#[derive(Clone)]
pub(crate) struct Anchor {
    row: Element,
    top: f64,
}

impl Anchor {
    /// The uppermost row that the scroller with this id shows, of the list that is its only child.
    pub(crate) fn take(scroller_id: &str) -> Option<Self> {
        let scroller = super::by_id(scroller_id)?;
        let edge = scroller.get_bounding_client_rect().top();
        let mut next = scroller.first_element_child()?.first_element_child();
        while let Some(row) = next {
            let rect = row.get_bounding_client_rect();
            if rect.height() > 0.0 && rect.bottom() > edge {
                return Some(Self { row, top: rect.top() });
            }
            next = row.next_element_sibling();
        }
        None
    }

    /// Scrolls until the row is where it was, if it is still on the page.
    pub(crate) fn restore(&self, scroller_id: &str) {
        let Some(scroller) = super::by_id(scroller_id).filter(|_| self.row.is_connected()) else { return };
        let moved = (self.row.get_bounding_client_rect().top() - self.top).round();
        if moved != 0.0 {
            scroller.set_scroll_top(scroller.scroll_top() + moved as i32);
        }
    }
}

fn last_article(log_id: &str) -> Option<Element> {
    let articles = super::by_id(log_id)?.query_selector_all("article").ok()?;
    articles.get(articles.length().checked_sub(1)?)?.dyn_into().ok()
}

fn sibling_article(article: &Element, back: bool) -> Option<Element> {
    let step = |element: &Element| {
        if back { element.previous_element_sibling() } else { element.next_element_sibling() }
    };
    let mut next = step(article);
    while let Some(element) = next {
        if element.tag_name() == "ARTICLE" {
            return Some(element);
        }
        next = step(&element);
    }
    None
}
