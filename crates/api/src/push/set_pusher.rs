//! `POST /_matrix/client/v3/pushers/set`

use std::sync::Arc;

use axum::extract::State;
use domain::{Rejection, user::pushers::SetPusher};
use engine::Engine;
use ruma::api::client::push::{
    Pusher, PusherIds, PusherKind,
    set_pusher::v3::{PusherAction, Request, Response},
};
use url::Url;

use crate::{
    ApiSettings,
    error::ApiError,
    extract::{Ruma, Sender},
};

/// The only path that gateways have (spec: `POST /pushers/set`, `url`).
const PATH: &str = "/_matrix/push/v1/notify";

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let (ids, pusher) = match request.action {
        PusherAction::Post(data) => {
            check(&data.pusher.kind, settings.push_to_private_addresses)?;
            (data.pusher.ids.clone(), Some(data.pusher))
        }
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

/// Says at once what would never be sent. Where the address leads is looked at when something is sent.
fn check(kind: &PusherKind, may_be_http: bool) -> Result<(), Rejection> {
    let PusherKind::Http(data) = kind else { return Ok(()) };
    let url =
        Url::parse(&data.url).map_err(|_| Rejection::invalid_param("The pusher's url does not read as an address."))?;
    if url.scheme() != "https" && !(may_be_http && url.scheme() == "http") {
        return Err(Rejection::invalid_param("The pusher's url begins with https://."));
    }
    if url.path() != PATH {
        return Err(Rejection::invalid_param("The path of the pusher's url is /_matrix/push/v1/notify."));
    }
    Ok(())
}
