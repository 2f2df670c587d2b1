//! How media leaves the server: so that no browser runs anything in it (spec: "Serving inline content").

use std::io::SeekFrom;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use engine::{BlobError, BlobReader, SubmitError};
use ruma::http_headers::{ContentDisposition, ContentDispositionType};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::conditions::{Conditions, Part};
use crate::{bodies::Streamed, error::ApiError};

/// Types that a browser may show by itself. The list of the specification; HTML and SVG are not on it.
const INLINE: [&str; 26] = [
    "text/css",
    "text/plain",
    "text/csv",
    "application/json",
    "application/ld+json",
    "image/jpeg",
    "image/gif",
    "image/png",
    "image/apng",
    "image/webp",
    "image/avif",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "video/quicktime",
    "audio/mp4",
    "audio/webm",
    "audio/aac",
    "audio/mpeg",
    "audio/ogg",
    "audio/wave",
    "audio/wav",
    "audio/x-wav",
    "audio/x-pn-wav",
    "audio/flac",
    "audio/x-flac",
];
/// The specification's own.
const POLICY: &str = "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; \
                      style-src 'unsafe-inline'; object-src 'self';";
/// What is at an address never changes.
const CACHE: &str = "private, max-age=31536000, immutable";

/// A file is sent in pieces of so many bytes: what one that is taken slowly keeps in memory, beside what the connection does.
const PIECE_BYTES: usize = 64 << 10;

/// A file, and what is said of it.
pub(super) struct Served<'a> {
    pub(super) reader: Box<dyn BlobReader>,
    pub(super) etag: String,
    pub(super) content_type: Option<&'a str>,
    pub(super) filename: Option<&'a str>,
}

impl Served<'_> {
    /// What of the file is asked for, with the headers that keep it from doing harm.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub(super) async fn answer(mut self, conditions: &Conditions) -> Result<Response, ApiError> {
        let failed = |error| SubmitError::from(BlobError::Io(error));
        let size_bytes = self.reader.seek(SeekFrom::End(0)).await.map_err(failed)?;
        let part = conditions.part(&self.etag, size_bytes);
        let (status, from, len) = match part {
            Part::Whole => (StatusCode::OK, 0, size_bytes),
            Part::Range { from, len } => (StatusCode::PARTIAL_CONTENT, from, len),
            Part::NotModified => (StatusCode::NOT_MODIFIED, 0, 0),
            Part::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0),
        };
        let mut headers = headers(self.content_type, self.filename);
        insert(&mut headers, header::ETAG, &self.etag);
        insert(&mut headers, header::ACCEPT_RANGES, "bytes");
        match part {
            Part::Range { from, len } => {
                insert(&mut headers, header::CONTENT_RANGE, &format!("bytes {from}-{}/{size_bytes}", from + len - 1));
            }
            Part::Unsatisfiable => insert(&mut headers, header::CONTENT_RANGE, &format!("bytes */{size_bytes}")),
            Part::Whole | Part::NotModified => {}
        }
        let body = if len == 0 {
            Body::empty()
        } else {
            self.reader.seek(SeekFrom::Start(from)).await.map_err(failed)?;
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(len));
            Body::from_stream(ReaderStream::with_capacity(self.reader.take(len), PIECE_BYTES))
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response.extensions_mut().insert(Streamed);
        Ok(response)
    }
}

/// The headers of media of this type and name.
fn headers(content_type: Option<&str>, filename: Option<&str>) -> HeaderMap {
    let content_type = content_type.filter(|text| HeaderValue::from_str(text).is_ok()).unwrap_or("application/octet-stream");
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind =
        if INLINE.contains(&essence.as_str()) { ContentDispositionType::Inline } else { ContentDispositionType::Attachment };
    let disposition = ContentDisposition::new(kind).with_filename(filename.map(str::to_owned)).to_string();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, CACHE),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ] {
        insert(&mut headers, name, value);
    }
    headers
}

/// A name that cannot stand in a header leaves the header out; all others can.
fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::CONTENT_DISPOSITION;

    use super::headers;

    #[test]
    fn only_safe_types_are_shown_inline() {
        for (content_type, expected) in [
            (Some("image/png"), "inline"),
            (Some("image/PNG; charset=x"), "inline"),
            (Some("text/html"), "attachment"),
            (Some("image/svg+xml"), "attachment"),
            (Some("application/pdf"), "attachment"),
            (Some("application/javascript"), "attachment"),
            (Some("image/png\n"), "attachment"),
            (None, "attachment"),
        ] {
            let headers = headers(content_type, Some("a \"b\".png"));
            let disposition = headers[CONTENT_DISPOSITION].to_str().unwrap();
            assert!(disposition.starts_with(expected), "{content_type:?}: {disposition}");
            assert!(headers.contains_key("content-security-policy"));
        }
    }
}
