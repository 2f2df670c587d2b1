//! `GET /_matrix/client/v3/thirdparty/protocols`

use std::collections::BTreeMap;

use ruma::api::client::thirdparty::get_protocols::v3::{Request, Response};

use crate::extract::{Ruma, Sender};

pub(crate) async fn handle(_: Sender, Ruma(_): Ruma<Request>) -> Ruma<Response> {
    Ruma(Response::new(BTreeMap::new()))
}
