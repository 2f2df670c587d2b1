//! The page under plain HTTP of a server at home: how a device comes to trust the server. Whoever trusts it already is sent on by the
//! page itself.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use config::LanHost;
use parking_lot::RwLock;
use sha2::{Digest as _, Sha256};

use super::{super::redirect::asked_host, root::Root};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Where the root certificate is. Systems know what to do with a file of that name.
const ROOT: &str = "/hearth-root.crt";
/// The port of HTTPS, which nobody has to type.
const HTTPS_PORT: u16 = 443;

/// Everything leads to the page, but for the certificate.
pub(super) fn routes(root: Arc<RwLock<Arc<Root>>>, host: LanHost, https_port: u16) -> Router {
    let handed_out = Arc::clone(&root);
    let certificate = move || async move { certificate(&handed_out.read()) };
    let page = move |headers: HeaderMap| async move {
        // The address by which somebody came leads here, so that it is the one to go on by.
        let host = asked_host(&headers).unwrap_or_else(|| host.to_string());
        page(&host, https_port, root.read().fingerprint())
    };
    Router::new().route(ROOT, get(certificate)).fallback(get(page))
}

fn certificate(root: &Root) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"hearth-root.crt\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, root.pem().to_owned()).into_response()
}

fn page(host: &str, https_port: u16, fingerprint: &str) -> Response {
    let port = if https_port == HTTPS_PORT { String::new() } else { format!(":{https_port}") };
    // What the policy knows by its hash comes last, so that nothing is exchanged in it.
    let html = PAGE
        .replace("{root}", ROOT)
        .replace("{address}", &format!("https://{host}{port}"))
        .replace("{fingerprint}", &fingerprint.replace(':', ":<wbr>"))
        .replace("{style}", STYLE)
        .replace("{script}", SCRIPT);
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    let policy = format!(
        "default-src 'none'; style-src {style}; script-src {script}; connect-src https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::OK, headers, html).into_response()
}

/// By which a policy knows what stands in the page (CSP Level 3, section 2.3.1).
fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_policy_lets_run_what_stands_in_the_page_and_nothing_else() -> anyhow::Result<()> {
        let page = page("nas.local", 8443, "AB:CD");
        let policy = page.headers().get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
        let policy = policy.unwrap_or_default().to_owned();
        let html = axum::body::to_bytes(page.into_body(), 1 << 20).await?;
        let html = std::str::from_utf8(&html)?;
        for (begin, end) in [("<style>", "</style>"), ("<script type=\"module\">", "</script>")] {
            let between = html.split_once(begin).and_then(|(_, rest)| rest.split_once(end)).map(|(between, _)| between);
            assert!(policy.contains(&hash(between.unwrap_or_default())), "{begin} {policy}");
        }
        assert!(html.contains("href=\"https://nas.local:8443/\"") && html.contains(">AB:<wbr>CD<"), "{html}");
        assert!(!html.contains(" style="), "what the policy refuses: {html}");
        Ok(())
    }
}
