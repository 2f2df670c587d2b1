//! In place of `ruma-html`: what ruma's events and matrix-sdk-ui ask of that crate, without a parser.
//!
//! matrix-sdk-ui sanitizes the `formatted_body` of each message while it builds a timeline. That reads it as browsers do, which takes
//! time by the square of what somebody made up for it, and makes a tree as deep as what was sent, which is let go of by recursion: 5,000
//! nested quotes ended the program. Nothing is gained by it here: no HTML of others comes into the page. What is formatted is taken apart
//! by a reader that is bounded (`state/src/markdown/reader.rs`), which passes over quoted originals (`mx-reply`) too.

/// Which tags and attributes would be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HtmlSanitizerMode {
    /// Those that the specification lists.
    Strict,
    /// A few more.
    Compat,
}

/// Whether a quoted original (spec: "Rich replies") would be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoveReplyFallback {
    /// It would be.
    Yes,
    /// It would be kept.
    No,
}

/// `html` as it is: whoever shows it sees to what of it is shown.
#[must_use]
pub fn sanitize_html(html: &str, _mode: HtmlSanitizerMode, _remove_reply_fallback: RemoveReplyFallback) -> String {
    html.to_owned()
}
