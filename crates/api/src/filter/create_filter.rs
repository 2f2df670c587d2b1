//! `POST /_matrix/client/v3/user/{userId}/filter`

use axum::extract::State;
use domain::{Rejection, user::filters::CreateFilter};
use engine::Engine;
use ruma::api::client::filter::create_filter::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::check_own,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_own(&sender, &request.user_id)?;
    let filter =
        serde_json::value::to_raw_value(&request.filter).map_err(|_| Rejection::bad_json("The filter has no JSON form."))?;
    let filter_id = engine.submit(CreateFilter { user_id: sender.user_id, filter }).await?;
    Ok(Ruma(Response::new(filter_id)))
}
