//! An error with what caused it, as one line for whoever runs the server.

use std::error::Error;

use serde_json::error::Category;

/// Causes of one error that are told.
const CAUSES_MAX: usize = 16;

/// An error and its causes, the outermost first, in one line. Without the values that serde quotes, because these are what
/// people wrote.
#[must_use]
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = told(error);
    let mut next = error.source();
    for _ in 0..CAUSES_MAX {
        let Some(error) = next else { break };
        next = error.source();
        let cause = told(error);
        // Some errors tell their cause themselves.
        if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

fn told(error: &(dyn Error + 'static)) -> String {
    error.downcast_ref().map_or_else(|| error.to_string(), without_content)
}

/// What is wrong with a payload, without the values that serde quotes when a type does not fit.
pub(crate) fn without_content(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => format!("it does not have the shape of its kind, at byte {}", error.column()),
        Category::Syntax | Category::Eof | Category::Io => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use projection::ViewFault;

    use super::*;

    #[test]
    fn a_chain_is_told_once_and_without_what_people_wrote() {
        let quoting = serde_json::from_str::<u8>("\"a secret\"").unwrap_err();
        assert!(quoting.to_string().contains("a secret"), "serde quotes");
        let fault = ViewFault::caused("a row does not decode", quoting).within("a sync failed");
        let told = with_causes(&fault);
        assert_eq!(told, "a sync failed: a row does not decode: it does not have the shape of its kind, at byte 10");
    }
}
