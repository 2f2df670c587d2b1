//! A request that may have to be authenticated: with what it asks for when the client sends only its session, and in the forms that older
//! clients use.

use std::collections::BTreeMap;

use axum::{
    body::{Body as AxumBody, Bytes},
    extract::{FromRequest, Request},
};
use domain::Rejection;
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};

use super::remembered::Authentications;
use crate::{app::App, body::unread, error::ApiError, json};

/// A request as another extractor reads it, and what is needed to ask its sender for authentication.
pub(crate) struct Interactive<E> {
    pub(crate) request: E,
    pub(crate) begun: Begun,
}

/// What a session of authentication is for.
pub(crate) struct Begun {
    pub(super) authentications: Authentications,
    /// Method and path.
    pub(super) route: String,
    /// The body without the authentication.
    pub(super) body: Bytes,
}

type Members = BTreeMap<String, Box<RawValue>>;

impl<E: FromRequest<App, Rejection = ApiError>> FromRequest<App> for Interactive<E> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), app).await;
        let bytes = bytes.map_err(|rejection| unread(&rejection))?;
        let route = format!("{} {}", parts.method, parts.uri.path());
        let authentications = app.authentications.clone();
        let (whole, body) = complete(&bytes, &route, &authentications, app.engine.now().0.into())?;
        let request = E::from_request(Request::from_parts(parts, AxumBody::from(whole)), app).await?;
        Ok(Self { request, begun: Begun { authentications, route, body } })
    }
}

/// The body of a request with all that it asks for, and the same without the authentication.
fn complete(bytes: &Bytes, route: &str, all: &Authentications, now_ms: u64) -> Result<(Bytes, Bytes), ApiError> {
    let unchanged = Ok((bytes.clone(), bytes.clone()));
    if bytes.is_empty() {
        return unchanged;
    }
    json::check(bytes)?;
    // What is no object the other extractor refuses.
    let Ok(mut members) = serde_json::from_slice::<Members>(bytes) else { return unchanged };
    let Some(auth) = members.remove("auth") else { return unchanged };
    let mut auth: Value = serde_json::from_str(auth.get()).unwrap_or_default();
    let session = auth["session"].as_str().and_then(|session| all.get(session, now_ms));
    if session.as_ref().is_some_and(|session| session.route != route) {
        return Err(Rejection::forbidden("The session was begun for another request.").into());
    }
    if members.is_empty()
        && let Some(body) = session.and_then(|session| session.body)
    {
        members = serde_json::from_slice(&body).unwrap_or_default();
    }
    let body = written(&members)?;
    with_identifier(&mut auth);
    members.insert("auth".to_owned(), to_raw_value(&auth).map_err(|error| no_json(&error))?);
    Ok((written(&members)?, body))
}

/// Older clients name the user without saying by what kind of name.
fn with_identifier(auth: &mut Value) {
    if auth["type"] == "m.login.password"
        && auth.get("identifier").is_none()
        && let Some(user) = auth.get("user").and_then(Value::as_str)
    {
        auth["identifier"] = json!({ "type": "m.id.user", "user": user });
    }
}

fn written(members: &Members) -> Result<Bytes, ApiError> {
    Ok(serde_json::to_vec(members).map_err(|error| no_json(&error))?.into())
}

fn no_json(error: &serde_json::Error) -> ApiError {
    Rejection::bad_json(format!("The request does not read: {error}.")).into()
}
