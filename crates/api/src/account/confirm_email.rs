//! `GET` and `POST /_matrix/client/unstable/org.hearth.email/confirm?token=…`: where the link leads by which whoever reads an address says
//! that an account is theirs, or that it was they who want to add it to one.
//!
//! A page without a script. Looking at it changes nothing, because mail programs look at links before people do; the button does. What the
//! token in the address could be used for by whoever reads it in a log is to say the same.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::{
        HeaderName, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    response::{Html, IntoResponse as _, Response},
};
use domain::directory::VerifyEmail;
use engine::{Engine, SubmitError};
use serde::Deserialize;

use crate::{
    app::ApiSettings,
    error::ApiError,
    mailing::{Confirmation, Mailing, Proof, sends_none},
};

/// Nothing but its own style, and a form that goes nowhere else.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];
const OVER: &str = "This link doesn’t count: it has expired, or the address was taken off the account. Ask for another in the app in \
    which you gave the address.";

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    token: String,
}

/// What a link that counts asks.
enum Question {
    /// Whether the account is theirs.
    Account(Confirmation),
    /// Whether they asked.
    Asked(Proof),
}

/// What is asked, and a button.
pub(crate) async fn show(
    State(engine): State<Engine>,
    State(mailing): State<Mailing>,
    Query(asked): Query<Asked>,
) -> Result<Response, ApiError> {
    let question = match found(&engine, &mailing, &asked)? {
        None => return Ok(over()),
        Some(Question::Account(Confirmation { user_id, email })) => {
            let (user_id, email) = (escaped(user_id.as_str()), escaped(email.as_str()));
            format!("<b>{user_id}</b> has given <b>{email}</b> as their address.")
        }
        Some(Question::Asked(Proof { email, .. })) => {
            let email = escaped(email.as_str());
            format!("Somebody wants to add <b>{email}</b> to their account on this server.")
        }
    };
    let body = format!(
        "<p>{question}</p><form method=\"post\"><button>Yes, that is me</button></form><p>If that is not you, close this page: nothing \
         changes.</p>"
    );
    Ok(page(StatusCode::OK, "Is this your address?", &body))
}

/// Yes.
pub(crate) async fn confirm(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    State(mailing): State<Mailing>,
    Query(asked): Query<Asked>,
) -> Result<Response, ApiError> {
    let (shown, on) = match found(&engine, &mailing, &asked)? {
        None => return Ok(over()),
        Some(Question::Account(Confirmation { user_id, email })) => {
            let shown = escaped(email.as_str());
            match engine.submit(VerifyEmail { user_id, email }).await {
                // It was taken off the account in this moment.
                Err(SubmitError::Rejected(_)) => return Ok(over()),
                confirmed => confirmed?,
            }
            let web_url = escaped(&settings.web_url);
            let on = format!(
                "If you forget your password, you can set a new one by email.</p><p><a href=\"{web_url}\">Go on</a>"
            );
            (shown, on)
        }
        Some(Question::Asked(proof)) => {
            let shown = escaped(proof.email.as_str());
            mailing.prove(proof);
            (shown, "Go back to the app in which you asked, and go on there.".to_owned())
        }
    };
    Ok(page(StatusCode::OK, "Thank you", &format!("<p><b>{shown}</b> is confirmed. {on}</p>")))
}

fn found(engine: &Engine, mailing: &Mailing, asked: &Asked) -> Result<Option<Question>, ApiError> {
    let key = mailing.key().ok_or_else(sends_none)?;
    if let Some(proof) = key.proof(engine, &asked.token) {
        return Ok(Some(Question::Asked(proof)));
    }
    Ok(key.confirmation(engine, &asked.token)?.map(Question::Account))
}

fn over() -> Response {
    page(StatusCode::FORBIDDEN, "An old link", &format!("<p>{OVER}</p>"))
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title} · \
         Hearth</title><style>:root{{color-scheme:light dark}}body{{font:1.125rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh \
         auto;padding:0 1.5rem;overflow-wrap:anywhere}}button{{font:inherit;padding:.6em 1.2em}}</style><main><h1>{title}</h1>{body}\
         </main></html>"
    );
    (status, HEADERS, Html(html)).into_response()
}

/// Text as it stands in HTML. Addresses have nearly all letters.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
