//! What somebody was writing, kept over a reload: one text for each chat, within bounds.

use std::collections::BTreeMap;

/// How many chats have a draft kept at most.
const MAX_CHATS: usize = 50;
/// How many bytes all of them have together at most, as they are kept.
const MAX_BYTES: usize = 256 * 1024;

/// The drafts as they are kept; `None` when there are none. What does not fit is left out: the longest first.
pub fn kept<'a>(drafts: impl Iterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let mut drafts: Vec<(&str, &str)> = drafts.filter(|(_, text)| !text.trim().is_empty()).collect();
    drafts.sort_by_key(|(chat, text)| (text.len(), *chat));
    drafts.truncate(MAX_CHATS);
    loop {
        if drafts.is_empty() {
            return None;
        }
        let all: BTreeMap<&str, &str> = drafts.iter().copied().collect();
        let text = serde_json::to_string(&all).ok()?;
        if text.len() <= MAX_BYTES {
            return Some(text);
        }
        drafts.pop();
    }
}

/// The drafts that were kept, by chat; none of what cannot be read.
pub fn restored(text: &str) -> BTreeMap<String, String> {
    if text.len() > MAX_BYTES {
        return BTreeMap::new();
    }
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, MAX_CHATS, kept, restored};

    #[test]
    fn drafts_come_back_as_they_were() {
        let text = kept([("!a:h", "Half a sen"), ("!b:h", "  \n"), ("!c:h", "\"quoted\" 🔥\n")].into_iter()).unwrap();
        let back = restored(&text);
        assert_eq!(back.len(), 2);
        assert_eq!(back["!a:h"], "Half a sen");
        assert_eq!(back["!c:h"], "\"quoted\" 🔥\n");
        assert_eq!(kept([("!a:h", " ")].into_iter()), None);
        assert!(restored("nonsense").is_empty());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let chats: Vec<String> = (0..MAX_CHATS + 10).map(|number| format!("!{number}:h")).collect();
        let text = kept(chats.iter().map(|chat| (chat.as_str(), "Hello"))).unwrap();
        assert_eq!(restored(&text).len(), MAX_CHATS);

        let long = "x".repeat(MAX_BYTES);
        let text = kept([("!a:h", long.as_str()), ("!b:h", "short")].into_iter()).unwrap();
        assert_eq!(restored(&text).into_keys().collect::<Vec<_>>(), ["!b:h"]);
        assert!(restored(&format!("{{\"!a:h\":\"{long}\"}}")).is_empty());
    }
}
