//! Moving the focus among things that stand in a row, as arrow keys do.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Moves the focus within the element with the id `within` to the next (`1`) or the one before (`-1`) of those that
/// `which` selects; from elsewhere to the first or the last. `false` when there is none further.
pub(crate) fn focus_among(within: &str, which: &str, step: isize) -> bool {
    let all = elements(within, which);
    let active = super::window().and_then(|window| window.document()).and_then(|document| document.active_element());
    let at = active.and_then(|active| all.iter().position(|element| **element == active));
    let next = match at {
        Some(at) => at.checked_add_signed(step),
        None if step > 0 => Some(0),
        None => all.len().checked_sub(1),
    };
    // An element that cannot have the focus is passed over by the browser.
    next.and_then(|next| all.get(next)).is_some_and(|element| element.focus().is_ok())
}

/// Presses the element with this id, as its person would.
pub(crate) fn press(id: &str) {
    if let Some(element) = super::by_id(id) {
        element.click();
    }
}

/// Presses the first of those that `which` selects within the element with the id `within`.
pub(crate) fn press_first(within: &str, which: &str) {
    if let Some(first) = elements(within, which).first() {
        first.click();
    }
}

fn elements(within: &str, which: &str) -> Vec<HtmlElement> {
    let found = super::by_id(within).and_then(|element| element.query_selector_all(which).ok());
    let Some(found) = found else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}
