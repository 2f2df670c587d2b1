//! Extractors and responders: a request as ruma's type, the authenticated sender, a response from ruma's type.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::{HeaderMap, Method, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::Rejection;
use engine::Engine;
use ruma::api::{
    IncomingRequest, IncomingRequestExt, OutgoingResponse, OutgoingResponseExt,
    error::{ErrorKind, UnknownTokenErrorData},
};
use sha2::{Digest, Sha256};

pub(crate) use crate::sender::Sender;

use crate::{app::App, body::unread, error::ApiError, json};

/// A request or a response of ruma's type.
pub(crate) struct Ruma<T>(pub(crate) T);

impl<T> FromRequest<App> for Ruma<T>
where
    T: IncomingRequest,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let params = RawPathParams::from_request_parts(&mut parts, app)
            .await
            .map_err(|_| Rejection::invalid_param("The path is not valid UTF-8."))?;
        let args: Vec<&str> = params.iter().map(|(_, value)| value).collect();
        let raw_body = is_media(&parts);
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), app)
            .await
            .map_err(|rejection| unread(&rejection))?;
        let body: &[u8] = if body.is_empty() && !raw_body && parts.method != Method::GET { b"{}" } else { &body };
        if !raw_body && !body.is_empty() {
            json::check(body)?;
        }
        let request = axum::http::Request::from_parts(parts, body);
        T::try_from_http_request(request, &args).map(Self).map_err(|error| {
            // The reader's words name fields and types of the request, never values of somebody else.
            Rejection::bad_json(format!("The request does not read: {error}.")).into()
        })
    }
}

/// What another extractor gives, on the heap: the future of a request that waits for long is then small.
pub(crate) struct Boxed<T>(pub(crate) Box<T>);

impl<T: FromRequest<App>> FromRequest<App> for Boxed<T> {
    type Rejection = T::Rejection;

    async fn from_request(request: Request, app: &App) -> Result<Self, T::Rejection> {
        Box::pin(T::from_request(request, app)).await.map(|value| Self(Box::new(value)))
    }
}

/// Uploads carry bytes instead of JSON.
fn is_media(parts: &Parts) -> bool {
    parts.uri.path().starts_with("/_matrix/media/") || parts.uri.path().starts_with("/_matrix/client/v1/media/")
}

impl<T: OutgoingResponse> IntoResponse for Ruma<T> {
    fn into_response(self) -> Response {
        match self.0.try_into_http_response::<Vec<u8>>() {
            Ok(response) => response.map(Body::from),
            Err(error) => {
                ApiError::from(engine::SubmitError::Fault(format!("a response has no JSON form: {error}"))).into_response()
            }
        }
    }
}

impl FromRequestParts<App> for Sender {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        // Where the class of an endpoint asks for a session, the door has left it here.
        match parts.extensions.remove::<Self>() {
            Some(sender) => Ok(sender),
            None => Self::authenticate(&parts.headers, &parts.uri, app).await,
        }
    }
}

impl Sender {
    /// Who sends a request with these headers to this address.
    ///
    /// # Errors
    /// 401 `M_MISSING_TOKEN` or `M_UNKNOWN_TOKEN`.
    pub(crate) async fn authenticate(headers: &HeaderMap, uri: &Uri, app: &App) -> Result<Self, ApiError> {
        let Some(token) = access_token(headers, uri) else {
            return Err(Rejection::new(401, ErrorKind::MissingToken, "This needs an access token.").into());
        };
        // Whatever is read for the sender from here on is read after it.
        app.engine.expire_due().await;
        sender_of_token(&app.engine, &token)
    }
}

/// Who a token belongs to.
///
/// # Errors
/// 401 `M_UNKNOWN_TOKEN`, with `soft_logout` when the token is merely too old.
pub(crate) fn sender_of_token(engine: &Engine, token: &str) -> Result<Sender, ApiError> {
    let unknown = |soft_logout| {
        let mut data = UnknownTokenErrorData::new();
        data.soft_logout = soft_logout;
        let kind = ErrorKind::UnknownToken(data);
        Rejection::new(401, kind, "The access token is not known (any more). Log in again.")
    };
    let hash: [u8; 32] = Sha256::digest(token).into();
    let session = views::accounts::session_by_token_hash(&*engine.rows(), &hash)?.ok_or_else(|| unknown(false))?;
    if session.expires_at_ms.is_some_and(|expires_at_ms| expires_at_ms <= u64::from(engine.now().0)) {
        return Err(unknown(true).into());
    }
    Ok(Sender { user_id: session.user_id, device_id: session.device_id })
}

/// The token in the `Authorization` header, or in the query as clients of older spec versions send it.
fn access_token(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned());
    }
    let query = uri.query()?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "access_token")
        .map(|(_, token)| token.into_owned())
}
