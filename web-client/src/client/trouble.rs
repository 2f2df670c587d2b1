//! From the library's errors to [`Trouble`].

use hearth_web_state::trouble::Trouble;
use matrix_sdk::{
    HttpError,
    encryption::{
        recovery::RecoveryError,
        secret_storage::{ImportError, SecretStorageError},
    },
    ruma::api::error::{Error as ApiError, ErrorBody, ErrorKind, RetryAfter},
};

/// What a failed call means to a person.
pub(super) fn of_sdk(error: &matrix_sdk::Error) -> Trouble {
    match error {
        matrix_sdk::Error::Http(error) => of_http(error),
        _ => Trouble::Unknown,
    }
}

/// What a failed request means to a person.
pub(super) fn of_http(error: &HttpError) -> Trouble {
    match error {
        HttpError::Reqwest(_) => Trouble::Unreachable,
        HttpError::Cached(error) => of_http(error),
        _ => error.as_client_api_error().map_or(Trouble::Unknown, of_api),
    }
}

/// What a failed recovery means to a person.
pub(super) fn of_recovery(error: &RecoveryError) -> Trouble {
    match error {
        RecoveryError::Sdk(error) => of_sdk(error),
        RecoveryError::SecretStorage(error) => of_secret_storage(error),
        RecoveryError::BackupExistsOnServer => Trouble::NotAllowed,
    }
}

/// Only a key that does not decrypt is the wrong one; most else is for want of the server.
pub(super) fn of_secret_storage(error: &SecretStorageError) -> Trouble {
    match error {
        SecretStorageError::Sdk(error) | SecretStorageError::ImportError { error: ImportError::Sdk(error), .. } => {
            of_sdk(error)
        }
        SecretStorageError::SecretStorageKey(_) => Trouble::WrongRecoveryKey,
        _ => Trouble::Unknown,
    }
}

/// What a failure of the timeline means to a person.
pub(super) fn of_timeline(_error: &matrix_sdk_ui::timeline::Error) -> Trouble {
    // The timeline wraps everything; the connection is by far the likeliest cause and the words say "try again".
    Trouble::Unreachable
}

fn of_api(error: &ApiError) -> Trouble {
    let status = error.status_code.as_u16();
    let ErrorBody::Standard(body) = &error.body else { return Trouble::from_answer(status, None, None) };
    let retry_after_ms = match &body.kind {
        ErrorKind::LimitExceeded(limit) => match limit.retry_after {
            Some(RetryAfter::Delay(delay)) => u64::try_from(delay.as_millis()).ok(),
            _ => None,
        },
        _ => None,
    };
    Trouble::from_answer(status, Some(body.kind.errcode().as_str()), retry_after_ms)
}
