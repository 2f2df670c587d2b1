//! Extractors and responders: a request as ruma's type, the authenticated sender, a response from ruma's type.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::{HeaderMap, Method, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    Rejection,
    user::{TokenHash, UseCredentials, locked_account, unknown_access_token},
};
use engine::{Engine, SubmitError};
use ruma::{
    UserId,
    api::{IncomingRequest, IncomingRequestExt, OutgoingResponse, OutgoingResponseExt, error::ErrorKind},
};
use views::Rows;

pub(crate) use crate::sender::Sender;

use crate::{app::App, body::unread, error::ApiError, json, own_writes::begin_write};

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
        begin_write(&parts.extensions);
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
            Err(error) => ApiError::from(engine::SubmitError::Fault(format!("a response has no JSON form: {error}").into()))
                .into_response(),
        }
    }
}

impl FromRequestParts<App> for Sender {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        // Where the class of an endpoint asks for a session, the door has left it here.
        match parts.extensions.remove::<Self>() {
            Some(sender) => Ok(sender),
            None => Self::authenticate(&parts.headers, &parts.uri, app, false).await,
        }
    }
}

impl Sender {
    /// Who sends a request with these headers to this address. The owner of a locked account is nobody, unless `also_locked`.
    ///
    /// # Errors
    /// 401 `M_MISSING_TOKEN`, `M_UNKNOWN_TOKEN` or `M_USER_LOCKED`.
    pub(crate) async fn authenticate(
        headers: &HeaderMap,
        uri: &Uri,
        app: &App,
        also_locked: bool,
    ) -> Result<Self, ApiError> {
        let token = access_token(headers, uri, app.settings.now().access_token_in_url)?;
        // Whatever is read for the sender from here on is read after it.
        app.engine.expire_due().await;
        let sender = sender_of_token(&app.engine, &token).await?;
        if !also_locked {
            check_not_locked(&*app.engine.rows(), &sender.user_id)?;
        }
        Ok(sender)
    }
}

/// Refuses the owner of a locked account (spec: "Account locking").
///
/// # Errors
/// 401 `M_USER_LOCKED`.
pub(crate) fn check_not_locked(rows: &dyn Rows, user_id: &UserId) -> Result<(), ApiError> {
    if views::accounts::is_locked(rows, user_id)? { Err(locked_account().into()) } else { Ok(()) }
}

/// Who a token belongs to. The first use of a token that a refresh gave out is written down.
///
/// # Errors
/// 401 `M_UNKNOWN_TOKEN`, with `soft_logout` when the token is merely too old.
pub(crate) async fn sender_of_token(engine: &Engine, token: &str) -> Result<Sender, ApiError> {
    let hash = TokenHash::of(token);
    let session =
        views::accounts::session_by_token_hash(&*engine.rows(), &hash.0)?.ok_or_else(|| unknown_access_token(false))?;
    let asked_at_ms = u64::from(engine.now().0);
    if session.expires_at_ms.is_some_and(|expires_at_ms| expires_at_ms <= asked_at_ms) {
        return Err(unknown_access_token(true).into());
    }
    let sender = Sender { user_id: session.user_id, device_id: session.device_id, asked_at_ms };
    if session.is_unused {
        // Boxed, as every request holds this future and hardly any needs it.
        Box::pin(note_use(engine, &sender, hash)).await?;
    }
    Ok(sender)
}

/// Notes the first use of a token, which ends those before it.
///
/// # Errors
/// 401 `M_UNKNOWN_TOKEN` if it has been replaced meanwhile.
async fn note_use(engine: &Engine, sender: &Sender, access_token: TokenHash) -> Result<(), ApiError> {
    let Sender { user_id, device_id, .. } = sender.clone();
    match engine.submit(UseCredentials { user_id, device_id, access_token }).await {
        Err(SubmitError::Rejected(rejection)) => Err(rejection.into()),
        // With a full disk people can still read. The older tokens count until a later use is noted.
        Err(error) => {
            tracing::warn!(%error, "the first use of an access token could not be noted");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// The token in the `Authorization` header, or where the admin allows it in the query, as clients of older spec versions
/// send it.
///
/// # Errors
/// 401 `M_MISSING_TOKEN`.
fn access_token(headers: &HeaderMap, uri: &Uri, is_allowed_in_url: bool) -> Result<String, ApiError> {
    let missing = |message: &'static str| Rejection::new(401, ErrorKind::MissingToken, message).into();
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let parts = value.to_str().ok().and_then(|value| value.split_once(' '));
        let token = parts.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        return token
            .map(|(_, token)| token.trim().to_owned())
            .ok_or_else(|| missing("The Authorization header has to be \"Bearer\", a space, and the access token."));
    }
    let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    match query.into_iter().find(|(name, _)| name == "access_token") {
        Some((_, token)) if is_allowed_in_url => Ok(token.into_owned()),
        Some(_) => Err(missing(
            "This server takes no access token in an address, because addresses end up in logs. Send it in the header \
             \"Authorization: Bearer …\".",
        )),
        None => Err(missing("This needs an access token, in the header \"Authorization: Bearer …\".")),
    }
}
