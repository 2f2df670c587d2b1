//! What a request for media asks for: all of it, a part, or nothing if the client has it (RFC 9110, sections 13 and 14).
//!
//! `headers` and `http-range-header` read these headers too. Both take a suffix that is longer than the file for an error, where the
//! RFC says that it is the file, and both collect however many ranges there are; what is left is shorter than what would call them.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, Method, header, request::Parts},
};

/// The conditions of one request.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    if_none_match: Option<String>,
    if_range: Option<String>,
    range: Option<String>,
}

/// What of a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// From a byte on, so many.
    Range {
        /// The first byte, counted from 0.
        from: u64,
        /// How many bytes.
        len: u64,
    },
    /// Nothing, for the client has it.
    NotModified,
    /// A part that the file does not have.
    Unsatisfiable,
}

impl<S: Sync> FromRequestParts<S> for Conditions {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let get = |name| text(&parts.headers, name);
        // Only GET has ranges.
        let range = if parts.method == Method::GET { get(header::RANGE) } else { None };
        Ok(Self { if_none_match: get(header::IF_NONE_MATCH), if_range: get(header::IF_RANGE), range })
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

impl Conditions {
    /// What of a file of this size and with this strong validator is asked for.
    pub(super) fn part(&self, etag: &str, size_bytes: u64) -> Part {
        if self.if_none_match.as_deref().is_some_and(|tags| names(tags, etag)) {
            return Part::NotModified;
        }
        // A date never matches: there is no time of change to compare it with.
        let is_same = self.if_range.as_deref().is_none_or(|tag| tag.trim() == etag);
        match &self.range {
            Some(range) if is_same => part_of(range, size_bytes).unwrap_or(Part::Whole),
            _ => Part::Whole,
        }
    }
}

/// Whether a list of validators has this one. Weak comparison (RFC 9110, section 13.1.2).
fn names(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// None for ranges that are not understood, which are to be ignored, and for more than one, which may be.
fn part_of(range: &str, size_bytes: u64) -> Option<Part> {
    let (unit, spec) = range.split_once('=')?;
    let (first, last) = spec.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (from, end) = match (number(first)?, number(last)?) {
        (None, None) => return None,
        (None, Some(suffix)) => (size_bytes.saturating_sub(suffix), size_bytes),
        (Some(first), Some(last)) if last < first => return None,
        (Some(first), last) => (first, last.map_or(size_bytes, |last| last.saturating_add(1).min(size_bytes))),
    };
    if from >= end {
        return Some(Part::Unsatisfiable);
    }
    Some(Part::Range { from, len: end - from })
}

/// A number of a range, which may be left out. One that is too large for any file is as good as the largest.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::{Conditions, Part};

    const ETAG: &str = "\"ab\"";

    fn part(if_none_match: &str, if_range: &str, range: &str, size_bytes: u64) -> Part {
        let header = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (if_none_match, if_range, range) = (header(if_none_match), header(if_range), header(range));
        Conditions { if_none_match, if_range, range }.part(ETAG, size_bytes)
    }

    #[test]
    fn ranges() {
        let range = |from, len| Part::Range { from, len };
        for (asked, expected) in [
            ("bytes=0-0", range(0, 1)),
            ("bytes=2-5", range(2, 4)),
            ("bytes=2-", range(2, 8)),
            ("Bytes=2-99", range(2, 8)),
            ("bytes=0-99999999999999999999999", range(0, 10)),
            ("bytes=-3", range(7, 3)),
            ("bytes=-30", range(0, 10)),
            ("bytes=10-", Part::Unsatisfiable),
            ("bytes=99999999999999999999999-", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=5-2", Part::Whole),
            ("bytes=0-1,4-5", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("lines=1-2", Part::Whole),
            ("bytes", Part::Whole),
        ] {
            assert_eq!(part("", "", asked, 10), expected, "{asked}");
        }
        assert_eq!(part("", "", "bytes=0-", 0), Part::Unsatisfiable);
        assert_eq!(part("", "", "bytes=-1", 0), Part::Unsatisfiable);
    }

    #[test]
    fn validators() {
        for (if_none_match, if_range, expected) in [
            ("\"ab\"", "", Part::NotModified),
            ("\"x\", W/\"ab\"", "", Part::NotModified),
            ("*", "", Part::NotModified),
            ("\"x\"", "", Part::Range { from: 0, len: 1 }),
            ("", "\"ab\"", Part::Range { from: 0, len: 1 }),
            ("", "W/\"ab\"", Part::Whole),
            ("", "\"x\"", Part::Whole),
            ("", "Fri, 27 Nov 2026 06:12:29 GMT", Part::Whole),
        ] {
            assert_eq!(part(if_none_match, if_range, "bytes=0-0", 10), expected, "{if_none_match} {if_range}");
        }
    }
}
