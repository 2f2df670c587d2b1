//! Where the page's history leads.
//!
//! A browser keeps the entries of a tab's history for as long as the tab is open, whatever happens to the page's storage.
//! So an entry holds only a number, and which view that is stands in the tab's storage, which a log-out clears.

use wasm_bindgen::JsValue;

use super::{store_in_tab, stored_in_tab};

const VIEWS_KEY: &str = "hearth.views";
/// Only the latest of this many views can be gone back to.
const MAX_VIEWS: usize = 500;

/// The view of the current history entry; the address itself never names a chat.
pub(crate) fn history_view() -> Option<String> {
    view_of(&super::window()?.history().ok()?.state().ok()?)
}

/// The view that an entry with this state leads to.
pub(super) fn view_of(state: &JsValue) -> Option<String> {
    // The script in `index.html` names the view of a link.
    if let Some(named) = state.as_string() {
        return Some(named);
    }
    let number = state.as_f64()? as u32;
    views().into_iter().find(|(known, _)| *known == number).map(|(_, view)| view)
}

/// Goes to a view as a new history entry, or in place of the current one.
pub(crate) fn set_history_view(view: &str, replace: bool) {
    set_state(&JsValue::from(number_of(view)), replace);
}

/// Has the current history entry lead nowhere.
pub(super) fn clear_history_view() {
    set_state(&JsValue::NULL, true);
}

fn set_state(state: &JsValue, replace: bool) {
    let Some(history) = super::window().and_then(|window| window.history().ok()) else { return };
    // It fails only when called hundreds of times a minute.
    let _ = if replace { history.replace_state(state, "") } else { history.push_state(state, "") };
}

/// The number of a view: one that it has, or the next.
fn number_of(view: &str) -> u32 {
    let mut views = views();
    if let Some((number, _)) = views.iter().find(|(_, known)| known == view) {
        return *number;
    }
    let next = views.last().map_or(0, |(last, _)| last + 1);
    if views.len() >= MAX_VIEWS {
        views.remove(0);
    }
    views.push((next, view.to_owned()));
    store_in_tab(VIEWS_KEY, serde_json::to_string(&views).ok().as_deref());
    next
}

fn views() -> Vec<(u32, String)> {
    stored_in_tab(VIEWS_KEY).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}
