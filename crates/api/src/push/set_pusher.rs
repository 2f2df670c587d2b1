//! `POST /_matrix/client/v3/pushers/set`

use axum::extract::State;
use domain::{Rejection, user::pushers::SetPusher};
use engine::Engine;
use ruma::api::client::push::{
    Pusher, PusherIds,
    set_pusher::v3::{PusherAction, Request, Response},
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
    let (ids, pusher) = match request.action {
        PusherAction::Post(data) => (data.pusher.ids.clone(), Some(data.pusher)),
        PusherAction::Delete(ids) => (ids, None),
        _ => return Err(Rejection::invalid_param("There is no such kind of pusher.").into()),
    };
    let command = command(sender, ids, pusher.as_ref())?;
    engine.submit(command).await?;
    Ok(Ruma(Response::new()))
}

fn command(sender: Sender, ids: PusherIds, pusher: Option<&Pusher>) -> Result<SetPusher, Rejection> {
    let pusher = pusher
        .map(serde_json::value::to_raw_value)
        .transpose()
        .map_err(|_| Rejection::bad_json("The pusher has no JSON form."))?;
    let Sender { user_id, device_id, .. } = sender;
    Ok(SetPusher { user_id, device_id, app_id: ids.app_id, pushkey: ids.pushkey, pusher })
}
