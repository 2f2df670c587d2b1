//! Plain HTTP, where there is HTTPS: everybody is sent on.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};

use super::question::InPlainText;

/// Sends every request to the same place of the domain by HTTPS; without a domain, of the host that was asked for. What an authority asks
/// for is answered here.
pub(super) fn routes(domain: Option<String>, asked: Arc<InPlainText>) -> Router {
    Router::new().fallback(move |uri: Uri, headers: HeaderMap| {
        let answer = asked.answer(uri.path());
        let to = domain.clone().or_else(|| asked_host(&headers));
        async move { answer.map_or_else(|| redirect(to.as_deref(), &uri), |answer| Response::new(Body::from(answer))) }
    })
}

fn redirect(host: Option<&str>, uri: &Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    match host {
        // The method and the body stay what they are (RFC 9110, section 15.4.9).
        Some(host) => {
            (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("https://{host}{path}"))]).into_response()
        }
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The host that a request was for, without its port; none where it is no name and no address.
pub(super) fn asked_host(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
    let is_host = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-[]:".contains(&b));
    is_host.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn everybody_is_sent_to_the_same_place() -> anyhow::Result<()> {
        let domain = || Some("chat.example.org".to_owned());
        for (domain, host, path, to) in [
            (domain(), "chat.example.org", "/a/b?c=d", Some("https://chat.example.org/a/b?c=d")),
            (domain(), "elsewhere.example.net", "/", Some("https://chat.example.org/")),
            (None, "chat.example.org:80", "/x", Some("https://chat.example.org/x")),
            (None, "[::1]:80", "/", Some("https://[::1]/")),
            (None, "bad host", "/", None),
            (None, "", "/", None),
        ] {
            let request = Request::get(path).header(header::HOST, host).body(Body::empty())?;
            let answer = routes(domain, Arc::default()).oneshot(request).await?;
            let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            assert_eq!(location, to, "{host} {path}");
            assert_eq!(answer.status().as_u16(), if to.is_some() { 308 } else { 400 });
        }
        Ok(())
    }
}
