//! `GET /_matrix/client/unstable/org.hearth.admin/server`: the version, what `hearth doctor` finds from inside, storage and backups.

use axum::{Json, extract::State};
use engine::Engine;
use serde::Serialize;

use super::{acting::Acting, asked_host::AskedHost};
use crate::{error::ApiError, host::Standing};

#[derive(Serialize)]
pub(crate) struct Told {
    #[serde(flatten)]
    standing: Standing,
    /// What uploads count towards quotas, bytes.
    media_bytes: u64,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    _: Acting,
    AskedHost(host): AskedHost,
) -> Result<Json<Told>, ApiError> {
    let standing = host.standing().await;
    let media_bytes = views::media::total_bytes(&*engine.rows())?;
    Ok(Json(Told { standing, media_bytes }))
}
