//! `GET /_matrix/client/unstable/org.hearth.admin/log/records`: the newest records, or those of them behind the position `after`; at most
//! 50, oldest first. It is told what kind each is of and when it was written, not what it is about: whoever is an admin by the web is not
//! therefore somebody who may read the data folder.

use axum::{Json, extract::Query};
use serde::{Deserialize, Serialize};

use super::{acting::Acting, asked_host::AskedHost, number::number};
use crate::{error::ApiError, host::ToldRecord};

#[derive(Deserialize)]
pub(crate) struct Asked {
    after: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Records {
    records: Vec<ToldRecord>,
}

pub(crate) async fn handle(
    _: Acting,
    AskedHost(host): AskedHost,
    Query(asked): Query<Asked>,
) -> Result<Json<Records>, ApiError> {
    let after = number(asked.after.as_deref(), "`after` is the position of a record.")?;
    Ok(Json(Records { records: host.records(after).await? }))
}
