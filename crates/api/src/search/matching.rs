//! Which events a search is for: those of which a readable part has every word of the term.

use domain::Rejection;
use ruma::api::client::search::search_events::v3::SearchKeys;
use serde::Deserialize;
use views::{comparable, rooms::TimelineRow};

/// The longest term, bytes, and the words of it that count.
const TERM_BYTES_MAX: usize = 512;
const WORDS_MAX: usize = 16;

/// What is searched for, and where in events.
pub(super) struct Wanted {
    /// As they are compared.
    pub(super) words: Vec<String>,
    keys: Vec<SearchKeys>,
}

impl Wanted {
    /// # Errors
    /// 400 `M_INVALID_PARAM` for a term without words, or one that is too long.
    pub(super) fn of(term: &str, keys: Option<Vec<SearchKeys>>) -> Result<Self, Rejection> {
        if term.len() > TERM_BYTES_MAX {
            return Err(Rejection::invalid_param("A search term has at most 512 bytes."));
        }
        let words: Vec<String> = term.split_whitespace().map(comparable).take(WORDS_MAX).collect();
        if words.is_empty() {
            return Err(Rejection::invalid_param("A search term has a word."));
        }
        let everywhere = || vec![SearchKeys::ContentBody, SearchKeys::ContentName, SearchKeys::ContentTopic];
        Ok(Self { words, keys: keys.unwrap_or_else(everywhere) })
    }

    /// Whether an event is one of those. Each kind of event is searched in one part.
    pub(super) fn has(&self, row: &TimelineRow) -> bool {
        let key = match row.event_type.as_str() {
            "m.room.message" => SearchKeys::ContentBody,
            "m.room.name" => SearchKeys::ContentName,
            "m.room.topic" => SearchKeys::ContentTopic,
            _ => return false,
        };
        self.keys.contains(&key) && text_of(row, &key).is_some_and(|text| self.is_in(&text))
    }

    fn is_in(&self, text: &str) -> bool {
        let text = comparable(text);
        self.words.iter().all(|word| text.contains(word))
    }
}

fn text_of(row: &TimelineRow, key: &SearchKeys) -> Option<String> {
    #[derive(Deserialize)]
    struct Content {
        body: Option<String>,
        name: Option<String>,
        topic: Option<String>,
    }
    let content: Content = row.content_as()?;
    match key {
        SearchKeys::ContentBody => content.body,
        SearchKeys::ContentName => content.name,
        SearchKeys::ContentTopic => content.topic,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn every_word_has_to_be_there_in_whatever_case_and_order() {
        for (term, text, expected) in [
            ("tea", "Tea at five", true),
            ("five TEA", "Tea at five", true),
            ("tea six", "Tea at five", false),
            ("ÄPFEL", "zwei äpfel", true),
            ("te", "Tea at five", true),
            ("STRASSE", "Kurze Straße", true),
            ("Zoe\u{308}", "for ZOË", true),
            ("istanbul", "to İstanbul", true),
        ] {
            assert_eq!(Wanted::of(term, None).unwrap().is_in(text), expected, "{term} in {text}");
        }
        for term in [String::new(), " \n".to_owned(), "x".repeat(513)] {
            assert!(Wanted::of(&term, None).is_err(), "{term:?}");
        }
    }
}
