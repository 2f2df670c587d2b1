//! How refusals and failures become HTTP: the spec's standard error response.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use domain::Rejection;
use engine::{SubmitError, with_causes};
use ruma::api::{
    client::uiaa::{AuthType, UiaaInfo},
    error::{Error, ErrorKind, LimitExceededErrorData, RetryAfter, StandardErrorBody},
};
use serde::Serialize;
use views::{BadToken, ViewFault};

use crate::host::HostFault;

/// Why a request is not answered with what it asked for.
#[derive(Debug)]
pub enum ApiError {
    /// The rules or the handler refuse it.
    Rejected(Rejection),
    /// More steps of user-interactive authentication are needed (spec: 401 with `flows` and `session`).
    Uiaa(Box<UiaaInfo>),
    /// The command was not carried out.
    Submit(SubmitError),
    /// The views are being brought up to the log; nobody is served before.
    CatchingUp {
        /// How far they are.
        position: u64,
        /// How far they have to come.
        head: u64,
    },
    /// The request took longer than its endpoint allows.
    Late,
    /// Too many requests; try again after this long.
    Limited {
        /// When it makes sense to try again, milliseconds.
        retry_after_ms: u64,
    },
}

/// Why the server could not do what it was asked, for its admin and never for the client. It goes with the response as far as the
/// door of the endpoint, which tells it once.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// A part of the server failed.
    Fault(String),
    /// It may go well the next time, or the request was to blame.
    Passing(String),
}

fn failed(mut response: Response, failure: Failure) -> Response {
    response.extensions_mut().insert(failure);
    response
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        // Told apart there: a refusal that has a fault of the server behind it is none.
        SubmitError::from(rejection).into()
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(rejection) => Self::Rejected(rejection),
            other => Self::Submit(other),
        }
    }
}

impl From<HostFault> for ApiError {
    fn from(fault: HostFault) -> Self {
        Self::Submit(SubmitError::Fault(Box::new(fault)))
    }
}

impl From<ViewFault> for ApiError {
    fn from(fault: ViewFault) -> Self {
        Self::Submit(fault.into())
    }
}

impl From<BadToken> for ApiError {
    fn from(_: BadToken) -> Self {
        Rejection::invalid_param("That is not a token of this server.").into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Rejected(rejection) => standard(rejection.status, rejection.kind, &rejection.message),
            Self::Uiaa(info) => {
                (StatusCode::UNAUTHORIZED, Json(AskedFor { completed: &info.completed, info: &info })).into_response()
            }
            Self::CatchingUp { position, head } => catching_up(position, head),
            Self::Late => {
                let response =
                    standard(503, ErrorKind::Unknown, "The request took too long. Send less at a time, or try again.");
                failed(response, Failure::Passing("it took longer than its class may".to_owned()))
            }
            Self::Limited { retry_after_ms } => limited(retry_after_ms),
            Self::Submit(error) => submit_error(&error),
        }
    }
}

/// What is asked for, with what is completed though that is nothing.
#[derive(Serialize)]
struct AskedFor<'a> {
    completed: &'a [AuthType],
    #[serde(flatten)]
    info: &'a UiaaInfo,
}

fn submit_error(error: &SubmitError) -> Response {
    match error {
        SubmitError::Rejected(rejection) => standard(rejection.status, rejection.kind.clone(), &rejection.message),
        SubmitError::Overloaded => limited(500),
        SubmitError::Conflict | SubmitError::Stopping | SubmitError::Unavailable(_) => {
            let mut response = standard(503, ErrorKind::Unknown, "The server cannot write just now. Try again in a moment.");
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            failed(response, Failure::Passing(with_causes(error)))
        }
        SubmitError::Full => {
            let response = standard(507, ErrorKind::Unknown, "The server's disk is full. Ask its admin to make room.");
            failed(response, Failure::Passing(with_causes(error)))
        }
        SubmitError::TooLarge(_) => standard(413, ErrorKind::TooLarge, "The request is too large."),
        SubmitError::AnswerTooLarge => {
            standard(413, ErrorKind::TooLarge, "The answer would be too large for this server. Ask for less at a time.")
        }
        SubmitError::Unreadable(_) => {
            let response = standard(400, ErrorKind::BadJson, "The request holds something that this server cannot keep.");
            failed(response, Failure::Passing(with_causes(error)))
        }
        SubmitError::Fault(fault) => {
            let response = standard(500, ErrorKind::Unknown, "The server failed.");
            failed(response, Failure::Fault(with_causes(&**fault)))
        }
    }
}

fn catching_up(position: u64, head: u64) -> Response {
    let message = format!("The server is getting ready: {position} of {head} records are read. Try again in a moment.");
    let mut response = standard(503, ErrorKind::Unknown, &message);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn limited(retry_after_ms: u64) -> Response {
    let retry_after = RetryAfter::Delay(std::time::Duration::from_millis(retry_after_ms));
    let mut data = LimitExceededErrorData::new();
    data.retry_after = Some(retry_after);
    let kind = ErrorKind::LimitExceeded(data);
    let mut response = standard(429, kind, "Too many requests. Wait a moment.");
    let seconds = HeaderValue::from(retry_after_ms.div_ceil(1000));
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}

/// The standard error response: `{"errcode", "error"}` and the fields that the code has.
pub(crate) fn standard(status: u16, kind: ErrorKind, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let error = Error::new(status, ruma::api::error::ErrorBody::Standard(StandardErrorBody::new(kind, message.to_owned())));
    render(error)
}

fn render(error: Error) -> Response {
    use ruma::api::OutgoingResponseExt;
    match error.try_into_http_response::<Vec<u8>>() {
        Ok(response) => response.map(axum::body::Body::from),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
