//! What is kept for as long as the tab lives, over reloads.

use web_sys::Storage;

fn session_storage() -> Option<Storage> {
    super::window()?.session_storage().ok().flatten()
}

/// A value that is kept.
pub(crate) fn stored_in_tab(key: &str) -> Option<String> {
    session_storage()?.get_item(key).ok().flatten()
}

/// Keeps a value, or forgets it.
pub(crate) fn store_in_tab(key: &str, value: Option<&str>) {
    if let Some(storage) = session_storage() {
        // Without it only less is said after a reload.
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}
