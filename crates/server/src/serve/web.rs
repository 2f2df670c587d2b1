//! The web client: embedded in the binary when it was built with one, or from a folder for who works on it.

mod files;
mod policy;

use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

pub(super) use files::Files;

use std::sync::Arc;

use files::File;

/// Files with a hash in their name never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Everything else is asked for anew, and answered with 304 when it has not changed.
const REVALIDATE: &str = "no-cache";

/// Serves a file of the web client; any other path that a browser may have in its address bar gets the client itself.
pub(super) async fn serve(files: Arc<Files>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    // Monitoring has a listener of its own: who asks for it here is told so by a 404, not by the page of the client.
    if path == "metrics" || path.starts_with("_hearth/") {
        return api::unrecognized().await;
    }
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    // A file of an older version is gone; the page in its place would only be taken for a broken script.
    let is_file = files.get(path).is_some() || path.starts_with("app/") || path.starts_with("assets/");
    let path = if is_file { path } else { "index.html" };
    answer(&files, path, &headers).unwrap_or_else(|| {
        let why = if is_file {
            "There is no such file."
        } else {
            "This server was built without the web client. Use any Matrix client."
        };
        (StatusCode::NOT_FOUND, why).into_response()
    })
}

fn answer(files: &Files, path: &str, headers: &HeaderMap) -> Option<Response> {
    let (encoding, file) = encoded(files, path, headers)?;
    let etag = format!("\"{}\"", file.sha256.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>());
    let etag = HeaderValue::from_str(&etag).ok()?;
    if headers.get(header::IF_NONE_MATCH) == Some(&etag) {
        return Some((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let caching = if is_hashed(path) { FOR_EVER } else { REVALIDATE };
    let mut response = file.data.into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_str(mime.essence_str()).ok()?);
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(header::ETAG, etag);
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let page = files.get(path).filter(|_| path.ends_with(".html")).map(|file| file.data);
    policy::set(out, page.as_deref().and_then(|page| str::from_utf8(page).ok()));
    if let Some(encoding) = encoding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// The best form of a file that the client takes.
fn encoded(files: &Files, path: &str, headers: &HeaderMap) -> Option<(Option<&'static str>, File)> {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for (encoding, suffix) in [("br", "br"), ("gzip", "gz")] {
        if accepted.split(',').any(|name| name.trim().split(';').next() == Some(encoding))
            && let Some(file) = files.get(&format!("{path}.{suffix}"))
        {
            return Some((Some(encoding), file));
        }
    }
    files.get(path).map(|file| (None, file))
}

/// `cargo xtask web` puts what never changes under its name into `app/HASH/`.
fn is_hashed(path: &str) -> bool {
    path.starts_with("app/")
}
