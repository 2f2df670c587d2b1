//! What a browser may do with the web client, told in its headers.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};

/// What every answer says beside its Content-Security-Policy: no page that another site opened or frames shares anything with the client,
/// and of what a browser can sense there is only what calls need.
const OTHERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), autoplay=(self), clipboard-read=(self), \
         clipboard-write=(self), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), bluetooth=()",
    ),
];

/// Sets the headers of one file; `page` is its text when it is one.
pub(super) fn set(out: &mut HeaderMap, page: Option<&str>) {
    for (name, value) in OTHERS {
        out.insert(name, HeaderValue::from_static(value));
    }
    // A page whose policy could not be written would be shown and not run, rather than run without one.
    let policy = HeaderValue::from_str(&content_policy(page.unwrap_or_default()));
    out.insert(header::CONTENT_SECURITY_POLICY, policy.unwrap_or(HeaderValue::from_static("default-src 'none'")));
}

/// Content-Security-Policy (CSP Level 3) of a page: what comes from this server runs, and of what stands in the page only what stood there
/// when it was built, known by its hash. Nobody frames it. Wasm needs `wasm-unsafe-eval`.
fn content_policy(page: &str) -> String {
    let scripts = hashes(page, "script");
    let styles = hashes(page, "style");
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; img-src 'self' data: blob:; \
         media-src 'self' blob: mediastream:; connect-src 'self'; worker-src 'self'; object-src 'none'; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'self'"
    )
}

/// The sources that allow each element of this name that has its content in the page.
fn hashes(page: &str, tag: &str) -> String {
    let (opening, closing) = (format!("<{tag}"), format!("</{tag}>"));
    let elements = page.split(&opening).skip(1).filter_map(|element| element.split_once('>'));
    let inline = elements.filter(|(attributes, _)| !attributes.contains("src="));
    inline
        .filter_map(|(_, rest)| rest.split_once(&closing))
        .map(|(content, _)| format!(" 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(content))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::content_policy;

    #[test]
    fn what_stands_in_the_page_is_allowed_by_its_hash_and_nothing_else_is() {
        // `printf 'alert(1)' | openssl dgst -sha256 -binary | base64`
        let alert = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";
        let policy =
            content_policy("<script src=\"/a.js\"></script><style>a{}</style><script type=\"module\">alert(1)</script>");
        let part = |name: &str| policy.split("; ").find(|part| part.starts_with(name)).unwrap_or_default().to_owned();
        assert_eq!(part("script-src"), format!("script-src 'self' 'wasm-unsafe-eval' {alert}"));
        assert_eq!(part("style-src").matches("'sha256-").count(), 1);
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(content_policy("").matches("sha256").count(), 0);
    }
}
