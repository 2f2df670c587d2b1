//! `POST /_matrix/client/v3/account/3pid/delete`

use axum::extract::State;
use domain::directory::{EmailAddress, RemoveEmail};
use engine::Engine;
use ruma::{
    api::client::account::{
        ThirdPartyIdRemovalStatus,
        delete_3pid::v3::{Request, Response},
    },
    thirdparty::Medium,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    // Removing what is not there succeeds (spec: it only matters that it is gone).
    if request.medium == Medium::Email
        && let Ok(email) = EmailAddress::parse(&request.address)
    {
        engine.submit(RemoveEmail { user_id: sender.user_id, email: Some(email) }).await?;
    }
    Ok(Ruma(Response::new(ThirdPartyIdRemovalStatus::NoSupport)))
}
