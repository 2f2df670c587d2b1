//! `GET /_matrix/client/unstable/org.hearth.admin/invites`: those that nobody has revoked, without their tokens.

use axum::{Json, extract::State};
use engine::Engine;
use serde_json::{Value, json};
use views::accounts::ListedInvite;

use super::acting::Acting;
use crate::error::ApiError;

pub(crate) async fn handle(State(engine): State<Engine>, _: Acting) -> Result<Json<Value>, ApiError> {
    let now_ms = u64::from(engine.now().0);
    let invites = views::accounts::invites(&*engine.rows())?;
    let shown: Vec<_> = invites.iter().map(|listed| shown(listed, now_ms)).collect();
    Ok(Json(json!({ "invites": shown })))
}

fn shown(listed: &ListedInvite, now_ms: u64) -> Value {
    let ListedInvite { id, invite, uses } = listed;
    json!({
        "id": id,
        "by": invite.by,
        "note": invite.note,
        "made_at_ms": invite.made_at_ms,
        "expires_at_ms": invite.expires_at_ms,
        "uses": uses,
        "uses_max": invite.uses_max,
        "is_open": *uses < invite.uses_max && now_ms < invite.expires_at_ms,
    })
}
