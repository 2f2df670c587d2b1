//! A request body as a type of this crate, for the endpoints whose body ruma's types cannot say.

use std::{error::Error as _, sync::Arc};

use axum::{
    body::Bytes,
    extract::{
        FromRequest, Request,
        rejection::{BytesRejection, FailedToBufferBody},
    },
};
use domain::Rejection;
use ruma::api::error::ErrorKind;
use serde::de::DeserializeOwned;

use crate::{
    app::App,
    bodies::{NoRoom, no_room},
    error::ApiError,
    json,
    own_writes::OwnWrite,
};

/// A JSON body. An empty one counts as an empty object, as it does everywhere.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let write = request.extensions().get::<Arc<OwnWrite>>().cloned();
        let body = Bytes::from_request(request, app).await.map_err(|rejection| unread(&rejection))?;
        if let Some(write) = write {
            write.begin();
        }
        let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
        json::check(body)?;
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|error| Rejection::bad_json(format!("The request does not read: {error}.")).into())
    }
}

/// Why a body could not be read: it is too large, there is no room for it, or its client broke off or paused for too long.
pub(crate) fn unread(rejection: &BytesRejection) -> ApiError {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Rejection::too_large("The request body is too large.").into()
        }
        _ if is_without_room(rejection) => no_room(),
        _ => broken_off(),
    }
}

/// Whether what failed is the room for the body, anywhere among the causes.
fn is_without_room(rejection: &BytesRejection) -> bool {
    let mut causes = std::iter::successors(rejection.source(), |cause| (*cause).source());
    causes.any(|cause| cause.is::<NoRoom>())
}

/// The answer to a body that did not come to its end.
pub(crate) fn broken_off() -> ApiError {
    Rejection::new(408, ErrorKind::Unknown, "The request's body did not arrive whole. Send the request again.").into()
}
