//! `POST /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events`

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::api::client::dehydrated_device::get_events::unstable::{Request, Response};
use views::{END, Reader, inbox::inbox_page};

use super::get_dehydrated_device::NONE;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    reader::{position_of, token_of},
};

/// Messages in one answer. They stay until the device is deleted, so that a client that fails halfway can begin again.
const EVENTS_MAX: usize = 500;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine
        .read(&sender.user_id, |rows| {
            let dehydrated = views::keys::dehydrated_device(rows, &sender.user_id)?;
            if dehydrated.is_none_or(|(device_id, _)| device_id != request.device_id) {
                return Err(Rejection::not_found(NONE).into());
            }
            let after = request.next_batch.as_deref().map_or(Ok(0), position_of)?;
            let reader = Reader::load(rows, &sender.user_id)?;
            let page = inbox_page(rows, &reader, &request.device_id, (after, END), EVENTS_MAX)?;
            let mut response = Response::new(page.events);
            response.next_batch = Some(token_of(page.through));
            Ok(Ruma(response))
        })
        .await
}
