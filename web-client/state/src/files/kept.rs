//! Names of files that are being sent, as they are kept for a reload: the files themselves are gone with the page, and
//! that is said then.

use std::collections::BTreeMap;

use serde_json::Value;

/// The most names that are kept of one chat.
const MAX_NAMES: usize = 30;

/// Names by the chat's id, as text. `None` when there is nothing to keep.
pub fn kept<'a>(names: impl Iterator<Item = (&'a str, Vec<&'a str>)>) -> Option<String> {
    let mut chats = serde_json::Map::new();
    for (chat, names) in names.filter(|(_, names)| !names.is_empty()) {
        chats.insert(chat.to_owned(), names.into_iter().take(MAX_NAMES).collect());
    }
    (!chats.is_empty()).then(|| Value::Object(chats).to_string())
}

/// Reads what [`kept`] wrote; anything else is nothing.
pub fn restored(text: &str) -> BTreeMap<String, Vec<String>> {
    let Ok(Value::Object(chats)) = serde_json::from_str(text) else { return BTreeMap::new() };
    let names = |value: Value| {
        let Value::Array(names) = value else { return Vec::new() };
        names.into_iter().filter_map(|name| name.as_str().map(str::to_owned)).take(MAX_NAMES).collect()
    };
    chats.into_iter().map(|(chat, value)| (chat, names(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::{kept, restored};

    #[test]
    fn names_come_back() {
        let text = kept([("!a:h", vec!["x.png", "\"y\""]), ("!b:h", vec![])].into_iter()).unwrap_or_default();
        let names = restored(&text);
        assert_eq!(names.len(), 1);
        assert_eq!(names["!a:h"], ["x.png", "\"y\""]);
        assert_eq!(kept([("!b:h", vec![])].into_iter()), None);
        assert!(restored("[1]").is_empty() && restored("").is_empty());
        assert_eq!(restored("{\"!a:h\": 3}")["!a:h"], [""; 0]);
    }
}
