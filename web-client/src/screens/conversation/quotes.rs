//! Answered messages that are not among the rows: fetched one after the other, each once.

use std::collections::{HashMap, HashSet};

use dioxus::prelude::*;
use hearth_web_state::{conversation::missing_quotes, message::Quote};

use crate::screens::workspace::OpenChat;

/// The quotes fetched so far, by event id.
pub(super) fn use_quotes(open: OpenChat) -> Signal<HashMap<String, Quote>> {
    let mut quotes = use_signal(HashMap::new);
    let mut asked = use_hook(|| CopyValue::new(HashSet::<String>::new()));
    use_effect(move || {
        let rows = open.rows.read();
        let missing = missing_quotes(&rows, open.window.read().range(&rows));
        let new: Vec<String> = missing.into_iter().filter(|id| asked.write().insert(id.clone())).collect();
        let Some(handle) = open.handle.peek().clone().filter(|_| !new.is_empty()) else { return };
        spawn(async move {
            for id in new {
                if let Some(quote) = handle.quote(&id).await {
                    quotes.write().insert(id, quote);
                }
            }
        });
    });
    quotes
}
