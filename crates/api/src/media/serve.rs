//! How media leaves the server: so that no browser runs anything in it (spec: "Serving inline content").

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use ruma::http_headers::{ContentDisposition, ContentDispositionType};

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

/// Bytes with the headers that keep them from doing harm.
pub(super) fn serve(bytes: Bytes, content_type: Option<&str>, filename: Option<&str>) -> Response {
    let content_type = content_type.filter(|text| HeaderValue::from_str(text).is_ok()).unwrap_or("application/octet-stream");
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind =
        if INLINE.contains(&essence.as_str()) { ContentDispositionType::Inline } else { ContentDispositionType::Attachment };
    let disposition = ContentDisposition::new(kind).with_filename(filename.map(str::to_owned)).to_string();
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, CACHE),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ] {
        // A name that cannot stand in a header leaves the header out; all others are constants.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::{body::Bytes, http::header::CONTENT_DISPOSITION};

    use super::serve;

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
            let response = serve(Bytes::new(), content_type, Some("a \"b\".png"));
            let disposition = response.headers()[CONTENT_DISPOSITION].to_str().unwrap();
            assert!(disposition.starts_with(expected), "{content_type:?}: {disposition}");
            assert!(response.headers().contains_key("content-security-policy"));
        }
    }
}
