//! The mark that a log-out leaves for the next page, which forgets what the marked sessions have in the browser before
//! anything else begins. The script in `index.html` reads it.

use serde::{Deserialize, Serialize};

/// How many sessions a mark names at most. More than one only where an earlier page could not finish.
const MAX_STORES: usize = 16;

/// What is to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeMark {
    /// The prefixes of the databases.
    pub stores: Vec<String>,
    /// Whether the server has heard of the last log-out.
    pub told: bool,
}

impl WipeMark {
    /// The mark for `store`, beside what the one in storage names already.
    pub fn with(before: Option<&str>, store: &str, told: bool) -> Self {
        let earlier =
            before.and_then(|text| serde_json::from_str::<Self>(text).ok()).map_or_else(Vec::new, |mark| mark.stores);
        let mut stores: Vec<String> = earlier.into_iter().filter(|one| one != store).collect();
        stores.push(store.to_owned());
        stores.drain(..stores.len().saturating_sub(MAX_STORES));
        Self { stores, told }
    }

    /// As it is written.
    pub fn to_text(&self) -> String {
        // Strings and a flag can be written always.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_STORES, WipeMark};

    #[test]
    fn a_mark_keeps_what_is_not_forgotten_yet() {
        let first = WipeMark::with(None, "hearth-A", true).to_text();
        assert_eq!(first, r#"{"stores":["hearth-A"],"told":true}"#);
        let second = WipeMark::with(Some(&first), "hearth-B", false);
        assert_eq!((second.stores.as_slice(), second.told), (&["hearth-A".to_owned(), "hearth-B".to_owned()][..], false));
        assert_eq!(WipeMark::with(Some(&second.to_text()), "hearth-B", true).stores.len(), 2);
        assert_eq!(WipeMark::with(Some("asked"), "hearth-C", true).stores, ["hearth-C"]);
    }

    #[test]
    fn a_mark_is_bounded() {
        let mut text = None;
        for number in 0..40 {
            text = Some(WipeMark::with(text.as_deref(), &format!("hearth-{number}"), true).to_text());
        }
        let last = WipeMark::with(text.as_deref(), "hearth-last", true);
        assert_eq!(last.stores.len(), MAX_STORES);
        assert_eq!(last.stores.last().map(String::as_str), Some("hearth-last"));
    }
}
